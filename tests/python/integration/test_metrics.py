"""Every metric by four routes: SQL written by hand over facts, the series, the published values, and MetricFlow."""

import json
import math
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ROOT, Project
from metric_routes import BY_HAND, by_hand

from plumbline.governance.metrics import Metric, load_metrics

DEFINED = {metric.name: metric for metric in load_metrics(ROOT / "models")}
# Those that are sums over sums, or percentiles.
METRICS = {name: metric for name, metric in DEFINED.items() if metric.numerator}
# Periods and cells that the demo has at least of each, and of these fewer, and why.
MANY = (3, 4)
SPARSE = {
    "attrition_rate": (0, 0),  # the sample has no twelve months: test_meanings.py
    "csat_by_instrument": (3, 2),  # there are two
    "csat_response_rate_by_instrument": (3, 2),
    "monthly_attrition_rate": (3, 3),  # of all, and of the two vendors with thirty people
    "reporter_appeal_overturn_rate": (3, 3),  # few reporters appeal: of all, people and automation
    "freshness_hours": (1, 4),  # it is of the last day only
    "reference_match_rate": (3, 2),  # calibration is of one queue
    "root_cause_confirmation_rate": (1, 2),  # two candidates were reviewed
    "scorecard_quality_score": (3, 2),  # one type of subject is scored
    "strictness_bias": (3, 2),  # calibration is of one queue
}
Values = dict[tuple[str, str, str], float]
"""Period, slice type and slice -> value."""


def grain_of(metric: Metric) -> str:
    """Months, but for what does not add up over days."""
    own: str = metric.meta.get("grains", ["month"])[0]
    return own


def slice_types(metric: Metric) -> list[str]:
    return ["all", *metric.meta["allowed_slices"]]


@pytest.fixture(scope="module")
def metricflow(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """MetricFlow's engine on a copy of the demo, which it opens for writing, set up as by `mf query` in its folder."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    folder = tmp_path_factory.mktemp("metricflow")
    for name in ("dbt_project.yml", "profiles.yml", "models", "python_models", "contracts", "macros", "tests", "seeds"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "target").symlink_to(demo.folder / "target")
    for file in (demo.warehouse, demo.people):
        shutil.copy(file, folder / file.name)
    kept, here = dict(os.environ), Path.cwd()
    os.environ.update(demo.environment(), PLUMBLINE_WAREHOUSE=str(folder / demo.warehouse.name))
    os.chdir(folder)
    try:
        configuration = CLIConfiguration()
        configuration.setup(dbt_profiles_path=folder, dbt_project_path=folder, configure_file_logging=False)
        engine = configuration.mf
        values_of_metricflow(engine, ["tasks_received"], "quarter", "all")
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(kept)
    yield engine
    DuckDBConnectionManager.close_all_connections()


@pytest.fixture(scope="module")
def facts(demo: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """The facts and marts that hand-written SQL asks, in memory: views over joins are dear to ask hundreds of times."""
    relation = r"dev_(?:marts|intermediate|staging)\.\w+"
    named = {name for hand in BY_HAND.values() for name in re.findall(relation, hand.rows)}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{demo.people}' as people (read_only)")
        for schema in ("dev_marts", "dev_intermediate", "dev_staging"):
            connection.execute(f"create schema {schema}")
        for name in sorted(named):
            connection.execute(f"create table {name} as from warehouse.{name}")
        yield connection


@pytest.fixture(scope="module")
def published(demo: Project) -> dict[tuple[str, str], dict[tuple[str, str, str], tuple[Any, ...]]]:
    """By metric and grain: value of the series, published value, whether it may be read."""
    rows = demo.query(
        """
        select metric_id, grain, cast(period_start as varchar), slice_type, slice,
            cast(s.numerator as double) / coalesce(cast(s.denominator as double), 1), r.metric_value, r.is_reportable
        from dev_marts.mart_metric_series as s
        inner join dev_reports.rpt_metric_values as r
            using (metric_id, grain, period_start, scope_type, scope, slice_type, slice)
        where scope_type = 'all' and grain in ('day', 'month') and coalesce(s.denominator, 1) <> 0
        """
    )
    found: dict[tuple[str, str], dict[tuple[str, str, str], tuple[Any, ...]]] = {}
    for metric, grain, period, slice_type, member, series, value, is_reportable in rows:
        found.setdefault((str(metric), str(grain)), {})[(str(period), str(slice_type), str(member))] = (
            series, value, is_reportable,
        )  # fmt: skip
    return found


def values_by_hand(facts: duckdb.DuckDBPyConnection, metric: Metric, grain: str) -> Values:
    found: Values = {}
    for slice_type in slice_types(metric):
        for period, member, value in facts.execute(by_hand(metric.name, grain, slice_type)).fetchall():
            if value is not None:
                found[(str(period), slice_type, str(member))] = float(str(value))
    return found


def values_of_metricflow(engine: Any, names: list[str], grain: str, slice_type: str) -> dict[str, Values]:
    """What MetricFlow answers of several metrics by one slice type, by metric."""
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    by = [f"metric_time__{grain}", *([slice_type] if slice_type != "all" else [])]
    table = engine.query(MetricFlowQueryRequest.create(metric_names=names, group_by_names=by)).result_df
    places = {name: table.column_names.index(name) for name in (*by, *names)}
    found: dict[str, Values] = {name: {} for name in names}
    for row in table.rows:
        period = row[places[by[0]]]
        member = str(row[places[slice_type]]) if slice_type != "all" else "all"
        for name in names:
            if period is not None and row[places[name]] is not None:
                found[name][(str(period)[:10], slice_type, member)] = float(row[places[name]])
    return found


@pytest.fixture(scope="module")
def answered(metricflow: Any) -> dict[tuple[str, str], Values]:
    """Everything that MetricFlow says, by metric and grain."""
    found: dict[tuple[str, str], Values] = {}
    for grain in ("day", "month"):
        of_grain = [metric for metric in METRICS.values() if grain_of(metric) == grain]
        for slice_type in sorted({name for metric in of_grain for name in slice_types(metric)}):
            names = [metric.name for metric in of_grain if slice_type in slice_types(metric)]
            for name, values in values_of_metricflow(metricflow, names, grain, slice_type).items():
                found.setdefault((name, grain), {}).update(values)
    return found


def farther_than(tolerance: float, ones: Values, others: Values) -> list[str]:
    """Cells of `ones` that `others` has not, or has farther away."""
    return [
        f"{cell}: {value} and {others.get(cell)}"
        for cell, value in ones.items()
        if cell not in others or not math.isclose(value, others[cell], rel_tol=tolerance, abs_tol=1e-12)
    ]


def as_read(metric: Metric, value: float) -> float:
    """A duration as the histogram reads it: the middle of its bucket (docs/decisions/percentiles.md)."""
    if metric.meta["computed_by"] != "histogram" or metric.meta["unit"] == "days" or value <= 0:
        return value
    growth = 1.01 / 0.99
    return 2 * growth ** math.ceil(math.log(value) / math.log(growth)) / (growth + 1)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_the_same_by_every_route(name: str, facts: Any, published: Any, answered: Any) -> None:
    metric = METRICS[name]
    grain = grain_of(metric)
    tolerance = 0.01 + 1e-9 if metric.meta["computed_by"] == "histogram" else 1e-9
    cells = published.get((name, grain), {})
    readable = {cell: value for cell, (_, value, is_reportable) in cells.items() if is_reportable}
    assert readable == {cell: cells[cell][0] for cell in readable}
    assert all(value is None for _, value, is_reportable in cells.values() if not is_reportable)
    hand = values_by_hand(facts, metric, grain)
    assert farther_than(1e-9, readable, {cell: as_read(metric, value) for cell, value in hand.items()}) == []
    # MetricFlow takes percentiles of the values themselves.
    assert farther_than(tolerance, readable, answered.get((name, grain), {})) == []
    # Nothing that can be counted is left out.
    assert hand.keys() - cells.keys() == set()
    periods, slices = SPARSE.get(name, MANY)
    assert len({period for period, _, _ in readable}) >= periods
    assert len({cell[1:] for cell in readable}) >= (slices if metric.meta["allowed_slices"] else 1)


def test_metricflow_finds_nothing_wrong_with_the_definitions(demo: Project) -> None:
    """What `mf validate-configs` asks of the manifest; and it would say so."""
    from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
    from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator

    manifest = PydanticSemanticManifest.parse_raw((demo.folder / "target" / "semantic_manifest.json").read_text())
    validator = SemanticManifestValidator[PydanticSemanticManifest]()
    found = validator.validate_semantic_manifest(manifest)
    assert [issue.as_readable_str() for issue in (*found.errors, *found.warnings, *found.future_errors)] == []
    manifest.metrics[0].name = "no name!"
    assert len(validator.validate_semantic_manifest(manifest).errors) == 1


def test_a_quotient_is_the_same_by_hand_and_by_metricflow(demo: Project, facts: Any, metricflow: Any) -> None:
    quotients = [metric for metric in DEFINED.values() if metric.meta["computed_by"] == "metrics"]
    assert quotients
    for metric in quotients:
        above, below = (values_by_hand(facts, METRICS[name], "month") for name in metric.made_of)
        hand = {cell: value / below[cell] for cell, value in above.items() if below.get(cell)}
        rows = {
            (str(period), str(slice_type), str(member)): value
            for period, slice_type, member, value in demo.query(
                "select period_start, slice_type, slice, metric_value from dev_reports.rpt_metric_values"
                f" where metric_id = '{metric.name}' and grain = 'month' and scope = 'all'"
            )
        }
        ours: Values = {cell: float(str(value)) for cell, value in rows.items() if value is not None}
        assert above.keys() - rows.keys() == set()
        assert len(ours) > 60
        assert farther_than(1e-9, ours, hand) == []
        for slice_type in slice_types(metric):
            answers = values_of_metricflow(metricflow, [metric.name], "month", slice_type)[metric.name]
            assert farther_than(1e-9, {c: v for c, v in ours.items() if c[1] == slice_type}, answers) == []


def test_agreement_is_published_as_another_library_has_it(demo: Project) -> None:
    """Alpha and percent agreement of every month, from the facts."""
    import krippendorff

    with demo.connect() as connection:
        ratings = connection.execute(
            """
            select strftime(rated_at, '%Y-%m-01') as month, session_id || item_id as item, rater_key as rater, label
            from dev_marts.fct_calibration_ratings inner join dev_marts.fct_calibration_rating_people using (rating_id)
            where not is_reference and label is not null and rating_round = 1
            """
        ).df()
    published = {
        (str(metric), str(month)): (float(str(value)), float(str(lower)), float(str(upper)))
        for metric, month, value, lower, upper in demo.query(
            "select metric_id, period_start, metric_value, lower, upper from dev_reports.rpt_metric_values"
            " where slice_type = 'all' and metric_id in ('krippendorff_alpha', 'percent_agreement')"
        )
    }
    assert len(published) == 14
    for month, of_month in ratings.groupby("month"):
        table = of_month.assign(code=of_month["label"].astype("category").cat.codes).pivot(
            index="rater", columns="item", values="code"
        )
        alpha = krippendorff.alpha(table.to_numpy(), level_of_measurement="nominal")
        counts = of_month.groupby(["item", "label"]).size()
        raters = counts.groupby("item").sum()
        agreeing = (counts * (counts - 1)).groupby("item").sum()
        agreement = (agreeing / (raters * (raters - 1)))[raters > 1].mean()
        for metric, value in (("krippendorff_alpha", alpha), ("percent_agreement", agreement)):
            ours, lower, upper = published[metric, str(month)]
            assert ours == pytest.approx(value, abs=1e-9)
            assert lower < ours < upper


@pytest.mark.parametrize("grain", ["day", "week", "quarter"])
def test_periods_of_every_length_are_the_same_by_hand(grain: str, demo: Project, facts: Any) -> None:
    for name in ("sla_attainment", "average_handle_time", "throughput_per_productive_hour"):
        ours = {
            (str(period), "all", "all"): float(str(value))
            for period, value in demo.query(
                "select period_start, numerator / denominator from dev_marts.mart_metric_series where scope = 'all'"
                f" and slice_type = 'all' and metric_id = '{name}' and grain = '{grain}' and denominator > 0"
            )
        }
        hand = {cell: value for cell, value in values_by_hand(facts, METRICS[name], grain).items() if cell[1] == "all"}
        assert len(hand) >= 3
        assert farther_than(1e-9, ours, hand) == farther_than(1e-9, hand, ours) == []


def test_every_metric_is_written_by_hand_as_well() -> None:
    assert set(BY_HAND) == set(METRICS)


def test_dbt_reads_every_definition(demo: Project) -> None:
    """dbt 1.11 ignores a spec that it does not know without a word."""
    target = demo.folder / "target"
    flow = json.loads((target / "semantic_manifest.json").read_text())
    text = "".join(file.read_text() for file in (ROOT / "models" / "semantic").glob("*.yml"))
    in_python = [metric for metric in DEFINED.values() if metric.meta["computed_by"] == "python"]
    assert len(in_python) == 5
    assert len(flow["metrics"]) == len(DEFINED) - len(in_python) + text.count("create_metric: true")
    assert len(flow["semantic_models"]) == len(
        re.findall(r"^  - name: \w+\n    description: .*\n    model: ", text, re.M)
    )
    assert demo.query("select count(*) from dev_marts.dim_metric") == [(len(DEFINED),)]


@pytest.mark.parametrize("name", ["queue_review", "vendor_review"])
def test_a_saved_query_is_a_table_and_what_metricflow_answers(name: str, demo: Project, metricflow: Any) -> None:
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    manifest = json.loads((demo.folder / "target" / "manifest.json").read_text())
    (query,) = (node for node in manifest["saved_queries"].values() if node["name"] == name)
    asked = query["query_params"]["metrics"]
    assert [export["name"] for export in query["exports"]] == [f"rpt_{name}"]
    entity = name.split("_")[0]
    columns = ", ".join(asked)
    ours = {
        (str(month), str(member)): values
        for month, member, *values in demo.query(
            f"select month_starting_on, {entity}, {columns} from dev_reports.rpt_{name}"
        )
    }
    table = metricflow.query(MetricFlowQueryRequest.create(saved_query_name=name)).result_df
    places = [table.column_names.index(column) for column in ("metric_time__month", entity, *asked)]
    theirs = {
        (str(row[places[0]])[:10], str(row[places[1]])): [row[place] for place in places[2:]] for row in table.rows
    }
    compared = 0
    for cell, values in ours.items():
        for metric, value, other in zip(asked, values, theirs.get(cell, [None] * len(asked)), strict=True):
            if value is not None:
                tolerance = 0.0101 if METRICS[metric].meta["computed_by"] == "histogram" else 1e-9
                assert float(str(value)) == pytest.approx(float(other), rel=tolerance), (cell, metric)
                compared += 1
    assert compared > 100
