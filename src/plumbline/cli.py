"""The `plumbline` command: one subcommand a verb."""

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def default_landing() -> Path:
    """`PLUMBLINE_LANDING`, or data/landing where plumbline is run."""
    return Path(os.environ.get("PLUMBLINE_LANDING", "data/landing"))


def progress_on_stderr(what: str) -> Callable[[int, int], None]:
    """Print `what: done of total` on standard error: every second on a terminal, every ten elsewhere."""
    pause = 1.0 if sys.stderr.isatty() else 10.0
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= pause:
            last = time.monotonic()
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return show


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
            print(f"{outcome.source_file} -> {outcome.source_table}: landed before, left alone (--again lands it anew)")
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
    from plumbline.governance.dictionary import dictionary_page
    from plumbline.governance.metrics import catalogue_page, load_metrics
    from plumbline.landing.contract import load_contracts, project_root
    from plumbline.landing.docs import landing_page
    from plumbline.writing import write_text

    folder, models = project_root() / "docs", project_root() / "models"
    folder.mkdir(exist_ok=True)
    pages = {
        "landing": landing_page(load_contracts()),
        "metric_catalogue": catalogue_page(load_metrics(models)),
        "data_dictionary": dictionary_page(models),
    }
    for name, page in pages.items():
        write_text(folder / f"{name}.md", page)
        print(f"Wrote {folder / name}.md")
    return 0


def _metrics(arguments: argparse.Namespace) -> int:
    from plumbline.governance.metrics import changes_since, load_metrics, lock_of, read_lock
    from plumbline.landing.contract import project_root
    from plumbline.writing import write_text

    if arguments.new and not arguments.lock:
        raise ValueError("--new goes with --lock: it starts a lock where there is none")
    lock = project_root() / "metrics.lock"
    locked = read_lock(lock, is_new=arguments.new)
    metrics = load_metrics(project_root() / "models")
    problems = changes_since(metrics, locked)
    if arguments.lock:
        unversioned = [problem for problem in problems if "give it version" in problem]
        if unversioned:
            raise ValueError("\n  ".join(["what changed needs a new version:", *unversioned]))
        write_text(lock, lock_of(metrics))
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
        if "--vars" in arguments.dbt:
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


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plumbline", description="One source of truth for Trust & Safety operations: the verbs around `dbt build`."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    sample = verbs.add_parser(
        "sample",
        help="write a made-up platform whose answers are known",
        description="Write a made-up platform whose answers are known, in the landing contract.",
        epilog="""Examples:
  plumbline sample --scale demo
  plumbline sample --scale 1000000 --landing /scratch/landing""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sample.add_argument("--scale", default="demo", help="tiny, demo, or a number of decisions (default: demo)")
    sample.add_argument("--days", type=int, help="days that they are spread over (default: by scale)")
    sample.add_argument("--seed", type=int, default=1, help="one seed, one platform, the same bytes (default: 1)")
    sample.add_argument(
        "--landing", type=Path, default=default_landing(), help="folder to write (default: %(default)s)"
    )
    sample.add_argument("--if-absent", action="store_true", help="do nothing where a sample is already")
    sample.set_defaults(run=_sample)
    landing = verbs.add_parser(
        "land",
        help="land other tools' files in the landing contract",
        description="Land other tools' files: type them by the landing contract and write Parquet that dbt reads."
        " A call commits whole or not at all, and can be repeated.",
        epilog="""Examples:
  plumbline land contract decisions.csv --set table=moderation.decisions
  plumbline land servicenow_incidents incidents.csv --check
  plumbline land zendesk export/*.csv
  plumbline land rater_table ratings.csv --set item='"tweet.id"' --set rater=id --set label='"hate.speech"' \\
      --set session="'hate_speech'" --set version=version
  plumbline land contract decisions.txt --set table=moderation.decisions --read format=csv --read delimiter=semicolon
  plumbline land ./our_tool.yml export-2026-10.csv --landed-on 2026-11-01""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    landing.add_argument("mapping", help="name of a shipped mapping, or path of one of your own")
    landing.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, JSON lines or Parquet")
    landing.add_argument(
        "--set", action="append", default=[], type=_assignment, metavar="NAME=VALUE", help="a parameter"
    )
    landing.add_argument(
        "--read",
        action="append",
        default=[],
        type=_assignment,
        metavar="NAME=VALUE",
        help="how files are read, before what the mapping says: delimiter, quote, escape, encoding, ...",
    )
    landing.add_argument(
        "--landing", type=Path, default=default_landing(), help="folder to land in (default: %(default)s)"
    )
    landing.add_argument(
        "--landed-on",
        type=dt.date.fromisoformat,
        help="day of arrival (default: today, or the day of the last arrival where that is later)",
    )
    landing.add_argument("--again", action="store_true", help="land a file even if it landed before")
    landing.add_argument("--check", action="store_true", help="say what would happen, and write nothing")
    landing.set_defaults(run=_land)

    docs = verbs.add_parser("docs", help="write the pages of docs/ that are made from YAML")
    docs.set_defaults(run=_docs)

    metrics = verbs.add_parser(
        "metrics",
        help="list the metrics, and hold them against metrics.lock",
        description="List the metrics; exit 1 where one is defined otherwise than metrics.lock says of its version.",
        epilog="Examples:\n  plumbline metrics\n  plumbline metrics --lock",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    metrics.add_argument("--lock", action="store_true", help="write metrics.lock; refused without a new version")
    metrics.add_argument("--new", action="store_true", help="with --lock: start metrics.lock where there is none")
    metrics.set_defaults(run=_metrics)

    audit = verbs.add_parser("audit", help="draw decisions to audit")
    draws = audit.add_subparsers(dest="audit_verb", required=True, metavar="VERB")
    draw = draws.add_parser(
        "draw",
        help="draw decisions by strata and assign them blindly to auditors",
        description="Draw human production decisions of a period by strata, each with a known probability, and assign"
        " them to auditors. The sheets land back as they are, filled in, and the weights are right.",
        epilog="""Examples:
  plumbline audit draw --first 2026-07-06 --last 2026-07-12 --by queue --total 900 \\
      --auditors auditors.txt --seed 2026-W28 --pairs 0.1 --escalations 40 --out draws/2026-W28
  plumbline audit draw --first 2026-07-06 --last 2026-07-12 --by queue measure --plan plan.csv \\
      --auditors auditors.txt --seed 2026-W28 --out draws/2026-W28""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    draw.add_argument("--first", type=dt.date.fromisoformat, required=True, help="first day of the decisions")
    draw.add_argument("--last", type=dt.date.fromisoformat, required=True, help="last day")
    draw.add_argument("--by", nargs="+", required=True, metavar="WHAT", help="strata: queue, measure, language, ...")
    number = draw.add_mutually_exclusive_group(required=True)
    number.add_argument("--total", type=int, help="decisions to draw, shared out over strata as is most exact")
    number.add_argument("--plan", type=Path, help="CSV of stratum and planned_n")
    draw.add_argument("--auditors", type=Path, required=True, help="file with an auditor's id a line")
    draw.add_argument("--seed", required=True, help="any text; the same one draws the same")
    draw.add_argument("--pairs", type=float, default=0.0, help="share that two audit blindly (default: none)")
    draw.add_argument(
        "--escalations", type=int, default=0, metavar="N", help="escalations to draw besides (default: none)"
    )
    draw.add_argument("--frame", help="name of the frame (default: by the days)")
    draw.add_argument("--out", type=Path, required=True, help="folder to write into")
    target = os.environ.get("PLUMBLINE_TARGET", "dev")
    draw.add_argument(
        "--marts",
        default="marts" if target == "prod" else f"{target}_marts",
        help="schema of the marts (default: that of PLUMBLINE_TARGET, %(default)s)",
    )
    draw.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("PLUMBLINE_WAREHOUSE", "data/plumbline.duckdb")),
        help="DuckDB file (default: %(default)s)",
    )
    draw.set_defaults(run=_audit_draw)

    build = verbs.add_parser(
        "build",
        help="build the warehouse: dbt build, and what it may do besides",
        description="Run dbt build. What is not named here goes to dbt as it is.",
        epilog="""Examples:
  plumbline build
  plumbline build --select +mart_appeals
  plumbline build --full-refresh --accept-loss""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument(
        "--full-refresh", action="store_true", help="read all landed files again and rebuild every table"
    )
    build.add_argument(
        "--accept-loss",
        action="store_true",
        help="go on without files that are gone or not as they were; they are listed",
    )
    build.set_defaults(run=_build, dbt=[])

    copy = verbs.add_parser(
        "copy",
        help="copy the warehouse for those who read while others build",
        description="Put a whole copy of the warehouse into another folder; who has an earlier one open keeps it.",
        epilog="Example:\n  plumbline copy --to data/readers/plumbline.duckdb",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    copy.add_argument("--to", type=Path, required=True, help="the copy: same name, another folder")
    copy.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("PLUMBLINE_WAREHOUSE", "data/plumbline.duckdb")),
        help="DuckDB file (default: %(default)s)",
    )
    copy.set_defaults(run=_copy)

    query = verbs.add_parser(
        "query",
        help="ask the warehouse, reading only",
        epilog="Example:\n  plumbline query \"from dev_marts.mart_data_validation where status = 'quarantined'\"",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    query.add_argument("sql", help="one statement")
    query.add_argument("--rows", type=int, default=40, help="most rows to show (default: %(default)s)")
    query.add_argument("--width", type=int, default=160, help="widest line to show (default: %(default)s)")
    query.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("PLUMBLINE_WAREHOUSE", "data/plumbline.duckdb")),
        help="DuckDB file (default: %(default)s)",
    )
    query.set_defaults(run=_query)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done, 1 refused with a reason, 2 wrong usage."""
    from plumbline.private import keep_private

    parser = _parser()
    arguments, more = parser.parse_known_args(argv)
    if more and arguments.verb != "build":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    arguments.dbt = more
    keep_private()
    try:
        code: int = arguments.run(arguments)
        return code
    except (ValueError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"plumbline {arguments.verb}: {message}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
