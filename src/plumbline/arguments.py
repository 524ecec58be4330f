"""The arguments of the `plumbline` command: one function for each verb, with help and examples."""

import argparse
import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def default_landing() -> Path:
    """`PLUMBLINE_LANDING`, or data/landing where plumbline is run."""
    return Path(os.environ.get("PLUMBLINE_LANDING", "data/landing"))


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments by name; `dbt` has those of `build` that are passed to dbt. Wrong arguments end the process."""
    parser = argparse.ArgumentParser(
        prog="plumbline", description="One source of truth for Trust & Safety operations: the verbs around `dbt build`."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in (_sample, _land, _docs, _metrics, _audit, _build, _publish, _access, _explain, _bi, _copy, _query):
        add(verbs)
    arguments, more = parser.parse_known_args(argv)
    if more and arguments.verb != "build":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    arguments.dbt = more
    return arguments


def _warehouse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("PLUMBLINE_WAREHOUSE", "data/plumbline.duckdb")),
        help="DuckDB file (default: %(default)s)",
    )


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _sample(verbs: "Verbs") -> None:
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


def _land(verbs: "Verbs") -> None:
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


def _docs(verbs: "Verbs") -> None:
    verbs.add_parser("docs", help="write the pages of docs/ that are made from YAML")


def _metrics(verbs: "Verbs") -> None:
    metrics = verbs.add_parser(
        "metrics",
        help="list the metrics, write their SQL, and hold them against metrics.lock",
        description="List the metrics; exit 1 where one is defined otherwise than metrics.lock says of its version.",
        epilog="Examples:\n  plumbline metrics\n  plumbline metrics --write\n  plumbline metrics --lock",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    metrics.add_argument(
        "--write", action="store_true", help="write models/metrics/generated/ from the definitions in models/semantic"
    )
    metrics.add_argument("--lock", action="store_true", help="write metrics.lock; refused without a new version")
    metrics.add_argument("--new", action="store_true", help="with --lock: start metrics.lock where there is none")


def _audit(verbs: "Verbs") -> None:
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
    _warehouse(draw)


def _build(verbs: "Verbs") -> None:
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


def _publish(verbs: "Verbs") -> None:
    publish = verbs.add_parser(
        "publish",
        help="hand marts and reports on to BI tools",
        description="Publish dimensions, marts and reports, once the build that made them has passed all its tests.",
    )
    doors = publish.add_subparsers(dest="door", required=True, metavar="DOOR")
    postgres = doors.add_parser(
        "postgres",
        help="to a PostgreSQL, by which Tableau, Power BI and Excel read",
        description="Publish to the PostgreSQL (15 or later) that PLUMBLINE_POSTGRES_DSN names, all or nothing: readers"
        " have the last publish until the new one is whole. The one before is kept for --rollback.",
        epilog="""Examples:
  export PLUMBLINE_POSTGRES_DSN=postgresql://loader@bi.example:5432/marts   # the password in ~/.pgpass
  plumbline publish postgres
  plumbline publish postgres --facts --access /team/access.yml
  plumbline publish postgres --history
  plumbline publish postgres --rollback""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _what_is_published(postgres)
    _access_file(postgres)
    postgres.add_argument("--schema", default="plumbline", help="the schema that readers name (default: %(default)s)")
    instead = postgres.add_mutually_exclusive_group()
    instead.add_argument("--history", action="store_true", help="list what was published, and publish nothing")
    instead.add_argument("--rollback", action="store_true", help="bring the publish before the present one back")
    for name, kind, what, example in FILE_DOORS:
        door = doors.add_parser(
            name,
            help=f"to {kind}",
            description=f"Publish to {kind}, which appears whole and takes the place of the last publish.",
            epilog=f"Examples:\n  plumbline publish {name} --to {example}\n"
            f"  plumbline publish {name} --to {example} --vendor northgate",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        door.add_argument("--to", type=Path, required=True, help=what)
        if name == "duckdb":
            door.add_argument("--schema", default="plumbline", help="the schema readers name (default: %(default)s)")
        if name == "xlsx":
            door.add_argument(
                "--table", action="append", help="a table to write (repeatable; default: the reports and targets)"
            )
        one = door.add_mutually_exclusive_group()
        one.add_argument("--vendor", metavar="ID", help="only what a role of this vendor may see")
        one.add_argument("--market", metavar="ID", help="only what a role of this market may see")
        _what_is_published(door)


# Of `publish`: name, what it writes, --to, and an example.
FILE_DOORS = (
    ("duckdb", "a DuckDB file that readers hold open while the next build runs", "the file", "/share/marts.duckdb"),
    ("parquet", "a folder of Parquet files by month", "the folder: replaced with all that is in it", "/share/marts"),
    ("xlsx", "an Excel workbook of reports and definitions", "the file", "/share/marts.xlsx"),
    ("hyper", "an extract for Tableau", "the file", "/share/marts.hyper"),
)


def _access(verbs: "Verbs") -> None:
    access = verbs.add_parser(
        "access",
        help="who may see what of what is published, and since when",
        description="List who has which role in the PostgreSQL that PLUMBLINE_POSTGRES_DSN names: who granted it, when"
        " it was last confirmed, and when its account was last seen. With --apply, give access as access.yml says it"
        " now, without a publish.",
        epilog="""Examples:
  plumbline access
  plumbline access --apply
  plumbline access --apply --access /team/access.yml""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    access.add_argument("--apply", action="store_true", help="grant and revoke as access.yml says")
    _access_file(access)
    access.add_argument("--schema", default="plumbline", help="the schema that readers name (default: %(default)s)")


def _explain(verbs: "Verbs") -> None:
    explain = verbs.add_parser(
        "explain",
        help="why a number is what it is",
        description="Say of one figure of rpt_metric_values what it means, what it rests on, which rows were left out"
        " and why, what it was sampled from, what restated it, and what changed in the period. Where"
        " PLUMBLINE_POSTGRES_DSN is set, also what was published.",
        epilog="""Examples:
  plumbline explain audit_accuracy --period 2026-06
  plumbline explain average_handle_time --period 2026-W23 --slice site=dublin
  plumbline explain sla_attainment --period 2026-Q2 --scope vendor=northgate --slice queue=live
  plumbline explain dispute_rate --period 2026-06 --format html --to why.html""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument("metric", help="as docs/metric_catalogue.md names it")
    explain.add_argument("--period", required=True, help="2026-06-03, 2026-W23, 2026-06, 2026-Q2 or FY2026-Q2")
    explain.add_argument("--slice", metavar="KIND=MEMBER", help="as site=dublin (default: all)")
    explain.add_argument("--scope", metavar="KIND=MEMBER", help="vendor=… or market=… (default: all)")
    explain.add_argument("--format", choices=("text", "json", "html"), default="text", help="(default: %(default)s)")
    explain.add_argument("--to", type=Path, metavar="FILE", help="write it there instead")
    explain.add_argument("--schema", default="plumbline", help="of what was published (default: %(default)s)")
    _manifest(explain)
    _warehouse(explain)


def _bi(verbs: "Verbs") -> None:
    models = verbs.add_parser(
        "bi",
        help="models for Tableau and Power BI, made from dbt's manifest",
        description="Write a data source for Tableau for each table, a Power BI project with a measure for each metric,"
        " and an Apache Ossie export of the metrics, into the folder bi.",
        epilog="Examples:\n  plumbline bi\n  plumbline bi --check",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    models.add_argument("--to", type=Path, default=Path("bi"), help="the folder (default: %(default)s)")
    models.add_argument("--check", action="store_true", help="write nothing; fail where a file is not up to date")
    _manifest(models)


def _access_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--access",
        type=Path,
        default=Path("access.yml"),
        metavar="FILE",
        help="who may see which rows (default: %(default)s, in the project)",
    )


def _what_is_published(door: argparse.ArgumentParser) -> None:
    door.add_argument("--facts", action="store_true", help="publish facts, too: one row an event, without a floor")
    _manifest(door)
    _warehouse(door)


def _manifest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manifest",
        type=Path,
        default=Path(os.environ.get("DBT_TARGET_PATH", "target")) / "manifest.json",
        help="dbt's manifest of the project (default: %(default)s)",
    )


def _copy(verbs: "Verbs") -> None:
    copy = verbs.add_parser(
        "copy",
        help="copy the warehouse for those who read while others build",
        description="Put a whole copy of the warehouse into another folder; who has an earlier one open keeps it.",
        epilog="Example:\n  plumbline copy --to data/readers/plumbline.duckdb",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    copy.add_argument("--to", type=Path, required=True, help="the copy: same name, another folder")
    _warehouse(copy)


def _query(verbs: "Verbs") -> None:
    query = verbs.add_parser(
        "query",
        help="ask the warehouse, reading only",
        epilog="Example:\n  plumbline query \"from dev_marts.mart_data_validation where status = 'quarantined'\"",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    query.add_argument("sql", help="one statement")
    query.add_argument("--rows", type=int, default=40, help="most rows to show (default: %(default)s)")
    query.add_argument("--width", type=int, default=160, help="widest line to show (default: %(default)s)")
    _warehouse(query)
