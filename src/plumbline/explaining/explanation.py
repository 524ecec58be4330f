"""Gathers what a number rests on: from the warehouse, the definitions and dbt's lineage. Withheld stays withheld."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from plumbline.explaining.asked import Cell, member, period, refuse
from plumbline.governance.metrics import Measure, Metric, load_metrics
from plumbline.landing.naming import nearest_or_all
from plumbline.publishing.relations import read_manifest

# Of mart_data_validation: rows that landed and are in no figure, or not under their own name.
LEFT_OUT = {
    "rejected": "not readable as the contract says",
    "quarantined": "impossible",
    "duplicate": "landed twice",
    "superseded": "replaced by a later version",
    "unmapped": "with a code that nobody knows, counted under (unmapped)",
}
OF_NO_ROWS = ("int_as_of", "int_calendar", "int_people", "int_person_ids")
RESTATED = {"late": "landed after their day was built", "replaced": "replaced a row that was built"}


@dataclass(frozen=True)
class Explanation:
    """All that is said of one number."""

    metric: dict[str, Any]
    """Its definition as the build has it."""
    formula: dict[str, str]
    """SQL of numerator and denominator, by name."""
    cell: dict[str, Any]
    figure: dict[str, Any]
    """Value, interval, what it rests on, change and target; values are None where they are withheld."""
    left_out: list[dict[str, Any]]
    """Rows that landed since the period began, and are in no figure: by table and reason."""
    restated: list[dict[str, Any]]
    """Rows that changed days which had been built before, by table and kind."""
    sampled: dict[str, Any] | None
    """For figures of audits: what was drawn from what."""
    published: list[dict[str, Any]]
    """The same figure in what is published, the latest first; empty where nothing was asked or published."""
    events: list[dict[str, Any]]
    """What changed in the period: policies, queues, actions."""
    build_id: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def explain(
    connection: duckdb.DuckDBPyConnection,
    manifest: Path,
    metric_id: str,
    label: str,
    *,
    project: Path,
    slice_: str | None = None,
    scope: str | None = None,
    published: Callable[[Mapping[str, object]], Sequence[Mapping[str, Any]]] | None = None,
) -> Explanation:
    """Explain one figure of rpt_metric_values.

    Args:
        connection: The warehouse, open.
        manifest: dbt's manifest.json of the project that built it.
        metric_id: The metric.
        label: The period: a day, week, month or quarter.
        project: The project's folder, for the definitions.
        slice_: `kind=member`, as in `site=dublin`; None: all.
        scope: `vendor=…` or `market=…`; None: all.
        published: Asked for the same figure as it was published, if that is known.

    Raises:
        ValueError: for a metric, period, scope or slice that is not there, with what is.
    """
    nodes = read_manifest(manifest)
    schemas = {node["name"]: node["schema"] for node in nodes["nodes"].values() if node["resource_type"] == "model"}
    marts, reports = f'"{schemas["dim_metric"]}"', f'"{schemas["rpt_metric_values"]}"'
    definition = _row(connection, f"select * from {marts}.dim_metric where metric_id = $1", [metric_id])
    if definition is None:
        rows = connection.execute(f"select metric_id from {marts}.dim_metric order by 1").fetchall()
        raise ValueError(f"there is no metric {metric_id!r}{nearest_or_all(metric_id, [row[0] for row in rows])}")
    scope_type, scope_name = member(scope)
    slice_type, slice_name = member(slice_)
    cell = Cell(metric_id, period(connection, marts, label), scope_type, scope_name, slice_type, slice_name)
    figure = _figure(connection, marts, reports, cell)
    if figure is None:
        refuse(connection, reports, cell, str(definition["allowed_slices"]))
    metric = next(each for each in load_metrics(project / "models") if each.name == metric_id)
    tables = landed_tables(nodes, _models(metric))
    return Explanation(
        metric={**definition, "is_current": int(definition["version"]) == metric.version},
        formula=dict(_formula(metric)),
        cell={**cell.place, "period": label, "period_end": cell.period.last},
        figure=figure,
        left_out=_rows_of(connection, marts, tables, LEFT_OUT, cell.period.first),
        restated=_restated(connection, marts, tables, cell.period.first),
        sampled=_sampled(connection, marts, cell) if definition["minimum"] == "audits" else None,
        published=[
            {**each, "is_same": each["metric_value"] == figure["metric_value"]}
            for each in (published(cell.place) if published else ())
        ],
        events=_events(connection, marts, f'"{schemas["int_queue_versions"]}"', cell),
        build_id=figure.pop("build_id"),
    )


def landed_tables(manifest: Mapping[str, Any], models: Iterable[str]) -> list[str]:
    """The landed tables whose rows reach the models by dbt's lineage, as `source.table`.

    Not those of which only days or ids are read: what decides which days are built, the calendar, and person keys.
    """
    parents: Mapping[str, list[str]] = manifest["parent_map"]
    of_no_rows = {
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and (node["path"].startswith("arrival/") or node["name"] in OF_NO_ROWS)
    }
    waiting = [f"model.plumbline.{name}" for name in models]
    met = set(waiting)
    while waiting:
        above = set(parents.get(waiting.pop(), ())) - met - of_no_rows
        met |= above
        waiting += above
    return sorted(
        f"{source['source_name']}.{source['name']}"
        for key, source in manifest["sources"].items()
        if key in met and source["source_name"] != "landing"
    )


def _models(metric: Metric) -> set[str]:
    """The models that a metric reads."""
    parts = [metric, *metric.parts]
    named = {measure.model.removeprefix("ref('").removesuffix("')") for part in parts for measure in part.measures}
    return named or set(metric.made_of)


def _formula(metric: Metric) -> Iterable[tuple[str, str]]:
    def said(measure: Measure) -> str:
        model = measure.model.removeprefix("ref('").removesuffix("')")
        return f"{measure.aggregation}({measure.expression}) of {model}, by {measure.day}"

    if metric.numerator:
        yield "numerator", said(metric.numerator)
    if metric.denominator:
        yield "denominator", said(metric.denominator)
    if not metric.numerator:
        joined = " / ".join(metric.made_of)
        yield "computed", f"as {joined}" if metric.parts else f"in Python, in {joined}"


def _figure(connection: duckdb.DuckDBPyConnection, marts: str, reports: str, cell: Cell) -> dict[str, Any] | None:
    """The published row; numerator and denominator only where the value is published."""
    columns = list(cell.place)
    same = " and ".join(f"series.{name} = reported.{name}" for name in columns)
    where = " and ".join(f"reported.{name} = ${number}" for number, name in enumerate(columns, 1))
    return _row(
        connection,
        "select reported.metric_value, reported.lower, reported.upper, reported.n,"
        " case when reported.metric_value is not null then cast(series.numerator as double) end as numerator,"
        " case when reported.metric_value is not null then cast(series.denominator as double) end as denominator,"
        " reported.not_reportable_reason, reported.is_complete, reported.is_provisional, reported.previous_value,"
        " reported.change, reported.target, reported.target_status, reported.build_id"
        f" from {reports}.rpt_metric_values as reported left join {marts}.mart_metric_series as series on {same}"
        f" where {where}",
        list(cell.place.values()),
    )


def _rows_of(
    connection: duckdb.DuckDBPyConnection, marts: str, tables: list[str], statuses: Mapping[str, str], since: dt.date
) -> list[dict[str, Any]]:
    rows = connection.execute(
        "select source_table, status, reason, cast(sum(row_count) as bigint) as row_count"
        f" from {marts}.mart_data_validation where list_contains($1, source_table) and list_contains($2, status)"
        " and landed_on >= $3 group by all having sum(row_count) > 0 order by 4 desc, 1, 2, 3",
        [tables, list(statuses), since],
    ).fetchall()
    return [
        {"table": table, "kind": status, "reason": reason, "row_count": count, "means": statuses[status]}
        for table, status, reason, count in rows
    ]


def _restated(
    connection: duckdb.DuckDBPyConnection, marts: str, tables: list[str], since: dt.date
) -> list[dict[str, Any]]:
    found = _rows_of(connection, marts, tables, {"restated": ""}, since)
    return [{**each, "means": RESTATED.get(each["reason"], "")} for each in found]


def _sampled(connection: duckdb.DuckDBPyConnection, marts: str, cell: Cell) -> dict[str, Any] | None:
    """What the audits of the period were drawn from: every frame whose period touches it, of all slices."""
    found = _row(
        connection,
        "select count(distinct frame_id) as frames, count(*) as strata, sum(population_count) as population,"
        " sum(planned_n) as planned, sum(done_decisions) as done, sum(unauditable_decisions) as unauditable,"
        " sum(unresolved_decisions) as unresolved, sum(open_disputes) as open_disputes"
        f" from {marts}.mart_audit_programme where period_start <= $2 and period_end >= $1 and frame_id <> '(none)'",
        [cell.period.first, cell.period.last],
    )
    if not found or not found["frames"]:
        return None
    return {name: None if value is None else int(value) for name, value in found.items()}


def _events(connection: duckdb.DuckDBPyConnection, marts: str, intermediate: str, cell: Cell) -> list[dict[str, Any]]:
    """Changes that took effect in the period, of the slice's own policy or queue where it has one."""
    policy = cell.slice if cell.slice_type.endswith("policy") else None
    queue = cell.slice if cell.slice_type == "queue" else None
    rows = connection.execute(
        f"""
        select valid_from as happened_on, 'policy' as kind, policy_name || ', version ' || policy_version as what
        from {marts}.dim_policy_version where valid_from between $1 and $2 and coalesce(policy_code = $3, true)
        union all
        select valid_from, 'queue', queue_name || ': settings changed'
        from {intermediate}.int_queue_versions
        where valid_from between $1 and $2 and coalesce(queue_id = $4, true)
            and queue_id in (
                select queue_id from {intermediate}.int_queue_versions group by queue_id having min(valid_from) < $1
            )
        union all
        select cast(started_at as date), 'action', department || ': ' || kind || coalesce(' for ' || metric, '')
        from {marts}.fct_management_actions where cast(started_at as date) between $1 and $2
        order by 1, 2, 3
        """,
        [cell.period.first, cell.period.last, policy, queue],
    ).fetchall()
    return [{"happened_on": on, "kind": kind, "what": what} for on, kind, what in rows]


def _row(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> dict[str, Any] | None:
    found = connection.execute(sql, values)
    names = [column[0] for column in found.description or ()]
    row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else None
