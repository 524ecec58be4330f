"""The verbs of the `plumbline` command that hand figures on: publish, access, explain and bi."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plumbline.landing.contract import project_root
from plumbline.landing.naming import nearest_or_all
from plumbline.progress import progress_on_stderr
from plumbline.revision import revision

if TYPE_CHECKING:
    from plumbline.publishing.access import Access
    from plumbline.publishing.postgres import Published


def publish(arguments: argparse.Namespace) -> int:
    """Publish to PostgreSQL or to files."""
    return _publish_postgres(arguments) if arguments.door == "postgres" else _publish_files(arguments)


def _publish_postgres(arguments: argparse.Namespace) -> int:
    from plumbline.publishing import postgres
    from plumbline.publishing.access import read_access, unknown_members
    from plumbline.publishing.files import reading
    from plumbline.publishing.outcome import passed_build
    from plumbline.publishing.relations import published_members, published_relations

    dsn = _postgres_dsn()
    if arguments.history:
        found = postgres.history(dsn, arguments.schema)
        for each in found:
            print(_as_line(each))
        if not found:
            print(f"Nothing was published under {arguments.schema}.")
        return 0
    access = read_access(_in_project(arguments.access))
    if arguments.rollback:
        published = postgres.rollback(dsn, arguments.schema, access)
        print(f"Back in place: {_as_line(published)}")
    else:
        with reading(arguments.warehouse) as warehouse:
            build = passed_build(warehouse, arguments.manifest)
            relations = published_relations(arguments.manifest, warehouse, facts=arguments.facts)
            if unknown := unknown_members(access, published_members(relations, warehouse)):
                raise ValueError("\n  ".join([f"{arguments.access} is wrong:", *unknown]))
            published = postgres.publish(
                dsn,
                warehouse,
                relations,
                schema=arguments.schema,
                revision=revision(project_root()),
                build_id=build.build_id,
                access=access,
                progress=progress_on_stderr("published, tables"),
            )
        print(f"Published under {arguments.schema}: {_as_line(published)}")
    _say_access(access, published.access_changed)
    return 0


def access(arguments: argparse.Namespace) -> int:
    """List who has which role; with `apply`, grant and revoke first."""
    from plumbline.publishing import postgres
    from plumbline.publishing.access import read_access

    dsn = _postgres_dsn()
    if arguments.apply:
        access = read_access(_in_project(arguments.access))
        _say_access(access, postgres.give_access(dsn, arguments.schema, access))
    held = postgres.register(dsn, arguments.schema)
    if not held:
        print(f"Nothing is published under {arguments.schema}.")
        return 0
    rows = [("who", "role", "sees", "account", "granted", "by", "confirmed", "last seen"), *held]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        print("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())
    return 0


def explain(arguments: argparse.Namespace) -> int:
    """Explain one figure."""
    from plumbline.explaining import explanation
    from plumbline.explaining.render import as_html, as_json, as_text
    from plumbline.publishing import postgres
    from plumbline.publishing.files import reading
    from plumbline.writing import new_file

    dsn = os.environ.get("PLUMBLINE_POSTGRES_DSN")
    with reading(arguments.warehouse) as warehouse:
        said = explanation.explain(
            warehouse,
            arguments.manifest,
            arguments.metric,
            arguments.period,
            project=project_root(),
            slice_=arguments.slice,
            scope=arguments.scope,
            published=(lambda place: postgres.published_values(dsn, arguments.schema, place)) if dsn else None,
        )
    text = {"text": as_text, "json": as_json, "html": as_html}[arguments.format](said).rstrip("\n") + "\n"
    if arguments.to:
        with new_file(arguments.to) as made:
            made.write_text(text, encoding="utf-8")
        print(f"Wrote {arguments.to}")
    else:
        print(text, end="")
    return 0


def bi(arguments: argparse.Namespace) -> int:
    """Write the models of the BI tools, or say which are not up to date."""
    from plumbline.bi_models.files import model_files, stale_files, write_models

    files = model_files(arguments.manifest, project_root())
    if arguments.check:
        if stale := stale_files(files, arguments.to):
            names = "\n  ".join(str(arguments.to / path) for path in stale)
            raise ValueError(f"not up to date, run plumbline bi:\n  {names}")
        return 0
    changed = write_models(files, arguments.to)
    print(f"{len(changed)} of {len(files)} files changed in {arguments.to}")
    return 0


def _say_access(access: "Access", changed: Sequence[str]) -> None:
    """What changed, and who is to be confirmed."""
    from plumbline import clock

    for line in changed:
        print(f"access: {line}")
    for each in access.overdue(clock.now().date()):
        print(
            f"access: nobody has confirmed {each.name} since {each.recertified_on}: set recertified_on, or remove it",
            file=sys.stderr,
        )


def _postgres_dsn() -> str:
    dsn = os.environ.get("PLUMBLINE_POSTGRES_DSN")
    if not dsn:
        raise ValueError("PLUMBLINE_POSTGRES_DSN is not set: postgresql://user@host:5432/database")
    return dsn


def _in_project(file: Path) -> Path:
    """A file as it is named, or by that name in the project."""

    return file if file.is_absolute() or file.is_file() else project_root() / file


def _publish_files(arguments: argparse.Namespace) -> int:
    from plumbline.publishing.files import publish_duckdb, publish_parquet, reading
    from plumbline.publishing.hyper import publish_hyper
    from plumbline.publishing.outcome import passed_build
    from plumbline.publishing.relations import of_scope, published_members, published_relations
    from plumbline.publishing.workbook import publish_workbook

    kind = "vendor" if arguments.vendor else "market" if arguments.market else None
    member = arguments.vendor or arguments.market
    said: dict[str, Any] = {"progress": progress_on_stderr("published, tables")}
    with reading(arguments.warehouse) as warehouse:
        build = passed_build(warehouse, arguments.manifest)
        relations = published_relations(arguments.manifest, warehouse, facts=arguments.facts)
        said["record"] = {"build_id": build.build_id, "revision": revision(project_root())}
        if kind:
            known = published_members(relations, warehouse)[kind]
            if member not in known:
                raise ValueError(f"there is no {kind} {member!r}{nearest_or_all(member, known)}")
            relations = of_scope(relations, kind, member)
            said["record"]["scope"] = f"{kind} {member}"
        if arguments.door == "duckdb":
            scratch = Path(os.environ.get("PLUMBLINE_SPILL", "data/spill"))
            rows = publish_duckdb(warehouse, relations, arguments.to, schema=arguments.schema, scratch=scratch, **said)
        elif arguments.door == "parquet":
            rows = publish_parquet(warehouse, relations, arguments.to, **said)
        elif arguments.door == "hyper":
            rows = publish_hyper(warehouse, relations, arguments.to, **said)
        else:
            scope = (kind, member) if kind else None
            rows = publish_workbook(warehouse, relations, arguments.to, scope=scope, tables=arguments.table, **said)
    print(f"Published {rows:,} rows to {arguments.to}")
    return 0


def _as_line(published: "Published") -> str:
    return (
        f"{published.publish_id:>4}  {published.published_at:%Y-%m-%d %H:%M} UTC  {published.state:8}"
        f"  {published.tables} tables, {published.rows:,} rows, build {published.build_id},"
        f" revision {published.revision}"
    )
