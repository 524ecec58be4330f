"""The `plumbline` command: one subcommand a verb."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plumbline.arguments import parsed
from plumbline.progress import progress_on_stderr
from plumbline.publishing import verbs as publishing


def _sample(arguments: argparse.Namespace) -> int:
    from plumbline.sample import Scale, write_sample

    scale = Scale.of(arguments.scale, arguments.days)
    landing: Path = arguments.landing
    if arguments.if_absent and (landing / "truths.json").exists():
        print(f"A sample is there already: {landing}")
        return 0
    write_sample(scale, landing, seed=arguments.seed, progress=progress_on_stderr("sample, days"))
    print(
        f"Wrote {scale.decisions:,} decisions over {scale.days} days to {landing};"
        " what is true of them: truths.json there."
    )
    print("Next: dbt build")
    return 0


def _land(arguments: argparse.Namespace) -> int:
    from plumbline import clock
    from plumbline.landing.land import land
    from plumbline.landing.mapping import load_mapping
    from plumbline.private import tighten, warn_of

    warn_of(tighten([arguments.landing / "_rejected"]))
    mapping = load_mapping(arguments.mapping, dict(arguments.set), arguments.read)
    outcomes = land(
        mapping,
        arguments.files,
        arguments.landing,
        landed_on=arguments.landed_on,
        landed_at=clock.now(),
        check=arguments.check,
        again=arguments.again,
        seeds=Path(os.environ.get("PLUMBLINE_SEEDS", "seeds")),
        progress=progress_on_stderr,
    )
    for outcome in outcomes:
        if outcome.already_landed:
            print(f"{outcome.source_file} -> {outcome.source_table}: landed before, left alone (--again to land it)")
            continue
        if outcome.left_alone:
            print(f"{outcome.source_file}: {outcome.rows_read:,} rows left alone: {outcome.left_alone}")
            continue
        print(
            f"{outcome.source_file} -> {outcome.source_table}: {outcome.rows_read:,} rows read"
            f"{f' x {outcome.branches} branches' if outcome.branches > 1 else ''}, "
            f"{outcome.landed:,} landed, {outcome.rejected:,} rejected"
            f"{f', {outcome.filtered:,} left out by where' if outcome.filtered else ''}"
        )
        if outcome.form not in (None, "as listed"):
            print(f"    read with {outcome.form}")
        for reason, rows in sorted(outcome.reasons.items()):
            print(f"    {rows:,} {reason}")
        for proposal in outcome.proposals:
            print(f"    {proposal.rows:,} of a code that {proposal.seed_file} has not; to add: {proposal.line}")
    if arguments.check:
        print("Checked only: nothing was written.")
    elif any(outcome.landed for outcome in outcomes):
        print("Next: dbt build")
    return 0


def _docs(arguments: argparse.Namespace) -> int:
    from plumbline.governance.generated import generated_files
    from plumbline.landing.contract import project_root

    _write(generated_files(project_root()))
    return 0


def _write(files: Mapping[Path, str]) -> None:
    from plumbline.writing import write_text

    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, text)
        print(f"Wrote {file}")


def _metrics(arguments: argparse.Namespace) -> int:
    from plumbline.governance.lock import changes_since, lock_of, model_digests, read_lock
    from plumbline.governance.metrics import load_metrics
    from plumbline.landing.contract import project_root
    from plumbline.metric_sql.generate import generated_models
    from plumbline.writing import write_text

    if arguments.new and not arguments.lock:
        raise ValueError("--new goes with --lock: it starts a lock where there is none")
    if arguments.write:
        _write(generated_models(project_root()))
    lock = project_root() / "metrics.lock"
    locked = read_lock(lock, is_new=arguments.new)
    metrics = load_metrics(project_root() / "models")
    models = model_digests(project_root(), metrics)
    problems = changes_since(metrics, models, locked)
    if arguments.lock:
        unversioned = [problem for problem in problems if "give it version" in problem]
        if unversioned:
            raise ValueError("\n  ".join(["what changed needs a new version:", *unversioned]))
        for problem in problems:
            if " changed, which is beneath " in problem and not arguments.new:
                print(problem.split(": give")[0])
        write_text(lock, lock_of(metrics, models))
        print(f"Wrote {lock}: {len(metrics)} metrics")
        return 0
    for metric in metrics:
        print(f"{metric.name:42} v{metric.version}  {metric.meta['owner']:22} {metric.label}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _query(arguments: argparse.Namespace) -> int:
    import duckdb

    from plumbline.people import lacks_people, people_file
    from plumbline.sandbox import check_query, warehouse

    def show(people: Path | None = None) -> None:
        with warehouse(arguments.warehouse, people) as connection:
            relation = connection.sql(arguments.sql)
            if relation is not None:
                relation.show(max_rows=arguments.rows, max_width=arguments.width)

    check_query(arguments.sql)
    try:
        try:
            show()
        except duckdb.BinderException as error:
            if not lacks_people(error):
                raise
            show(people_file(arguments.warehouse))
    except duckdb.Error as error:
        raise ValueError(str(error)) from None
    return 0


def _build(arguments: argparse.Namespace) -> int:
    import subprocess

    if arguments.accept_loss and not arguments.full_refresh:
        raise ValueError("--accept-loss needs --full-refresh: what is gone leaves the warehouse when all is read again")
    command = [sys.executable, "-m", "dbt.cli.main", "build", *arguments.dbt]
    if arguments.full_refresh:
        command.append("--full-refresh")
    if arguments.accept_loss:
        if any(word.partition("=")[0] == "--vars" for word in arguments.dbt):
            raise ValueError("--accept-loss is a variable of dbt: put accept_loss: true into your --vars instead")
        command += ["--vars", "{accept_loss: true}"]
    return subprocess.run(command, check=False).returncode


def _copy(arguments: argparse.Namespace) -> int:
    from plumbline.warehouse import copy_warehouse

    size = copy_warehouse(arguments.warehouse, arguments.to)
    print(f"Copied {arguments.warehouse} to {arguments.to}: {size / 1e6:,.0f} MB")
    return 0


def _audit_draw(arguments: argparse.Namespace) -> int:
    import pandas as pd

    from plumbline.audits import draw_audits, write_drawn
    from plumbline.sandbox import warehouse

    auditors = [line.strip() for line in arguments.auditors.read_text(encoding="utf-8").splitlines() if line.strip()]
    with warehouse(arguments.warehouse) as connection:
        drawn = draw_audits(
            connection,
            marts=arguments.marts,
            first=arguments.first,
            last=arguments.last,
            by=arguments.by,
            auditors=auditors,
            seed=arguments.seed,
            total=arguments.total,
            plan=pd.read_csv(arguments.plan) if arguments.plan else None,
            pairs=arguments.pairs,
            escalations=arguments.escalations,
            frame_id=arguments.frame,
        )
    for row in drawn.strata.itertuples():
        print(f"{row.stands_for}: {row.planned_n:,} of {row.population:,}")
    for file in write_drawn(drawn, arguments.out):
        print(f"Wrote {file}")
    print(f"{drawn.frame['planned_n'].sum():,} decisions, {len(drawn.sheet):,} audits by {len(auditors)} auditors.")
    print("strata.csv says what strata stand for: it is not for auditors.")
    print("Next: fill in audited_at, audited_outcome and what follows, then land both:")
    print(f"  plumbline land contract {arguments.out}/audit_frames.csv --set table=quality.audit_frames")
    print(f"  plumbline land contract {arguments.out}/audits.csv --set table=quality.audits")
    return 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "sample": _sample,
    "land": _land,
    "docs": _docs,
    "metrics": _metrics,
    "audit": _audit_draw,
    "build": _build,
    "publish": publishing.publish,
    "access": publishing.access,
    "explain": publishing.explain,
    "bi": publishing.bi,
    "copy": _copy,
    "query": _query,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done, 1 refused with a reason, 2 wrong usage."""
    from plumbline.private import keep_private

    arguments = parsed(argv)
    keep_private()
    try:
        return VERBS[arguments.verb](arguments)
    except (ValueError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"plumbline {arguments.verb}: {message}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
