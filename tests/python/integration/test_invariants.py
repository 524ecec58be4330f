"""What must not matter to an estimate: scale of weights, cut of strata, order of rows, a repeated review."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project

from plumbline.governance.metrics import load_metrics

pytestmark = pytest.mark.slow

# Text or number, as the file has it; only what lies in (0, 1] is a probability, and stays one.
_HALVED = """
    case when try_cast(inclusion_probability as double) > 0 and try_cast(inclusion_probability as double) <= 1
        then cast(try_cast(inclusion_probability as double) / 2 as {kind}) else inclusion_probability end
"""
_CUT = "stratum || '/' || cast(hash({unit}) % 2 as varchar)"


@pytest.fixture(scope="module")
def varied(tiny: Project, tmp_path_factory: pytest.TempPathFactory, new_project: Callable[..., Project]) -> Project:
    """The tiny sample with half of every probability, strata cut in two, audits in another order and re-reviewed."""
    project = new_project("varied")
    shutil.copytree(tiny.landing, project.landing)
    with duckdb.connect() as connection:
        repeated = [
            vary_audits(connection, file) for file in sorted(project.landing.glob("quality/audits/*/*.parquet"))
        ]
        for file in sorted(project.landing.glob("quality/audit_frames/*/sample.parquet")):
            half = "{0} // 2 + case when part = 0 then {0} % 2 else 0 end"
            rewrite(
                connection, file,
                "select * exclude (part) replace (stratum || '/' || cast(part as varchar) as stratum,"
                f" cast({half.format('population_count')} as bigint) as population_count,"
                f" cast({half.format('planned_n')} as bigint) as planned_n)"
                " from {rows} cross join (select unnest([0, 1]) as part)",
            )  # fmt: skip
    assert sum(repeated) > 0
    project.build()
    return project


def vary_audits(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """Change the audits of a file; how many were repeated. Malformed ones keep their order, which tells who is last."""
    kinds = {name: kind for name, kind, *_ in connection.execute(f"describe from '{file}'").fetchall()}
    scaled = "select * replace (" + _HALVED.format(kind=kinds["inclusion_probability"]) + " as inclusion_probability"
    if file.name != "sample.parquet":
        rewrite(connection, file, scaled + ") from {rows}")
        return 0
    cut = scaled + ", " + _CUT.format(unit="decision_id") + " as stratum) from {rows}"
    again = (
        f"select * replace (audit_id || '-again' as audit_id, cast(3 as {kinds['audit_round']}) as audit_round,"
        f" cast(cast(audited_at as timestamp) + interval 1 hour as {kinds['audited_at']}) as audited_at)"
        f" from ({cut}) where audit_round = '2'"
    )
    rewrite(connection, file, f"select * from ({cut} union all {again}) order by hash(audit_id)")
    (count,) = connection.execute(f"select count(*) from '{file}' where audit_id like '%-again'").fetchall()[0]
    return int(count)


def rewrite(connection: duckdb.DuckDBPyConnection, file: Path, select: str) -> None:
    connection.execute(f"create or replace temp table rows_ as from '{file}'")
    connection.execute(f"copy ({select.format(rows='rows_')}) to '{file}' (format parquet)")


def test_no_estimate_changes(tiny: Project, varied: Project) -> None:
    verdicts = [
        metric.name
        for metric in load_metrics(ROOT / "models")
        if metric.numerator and (metric.denominator or metric.numerator).model == "ref('int_human_verdicts_daily')"
    ]
    assert len(verdicts) > 15
    names = ", ".join(f"'{name}'" for name in verdicts)
    query = f"""
        select metric_id, grain, period_start, scope_type, scope, slice_type, slice, n,
            round(cast(numerator as double) / nullif(cast(denominator as double), 0), 6) as value, not_estimable_reason
        from dev_marts.mart_metric_series where metric_id in ({names}) order by all
    """
    ours, theirs = tiny.query(query), varied.query(query)
    assert len(ours) > 1000
    assert [row for row in ours if row[8] is not None]
    changed = [(one, other) for one, other in zip(ours, theirs, strict=True) if not same(one, other)]
    assert changed == []


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Equal but for the last digit of the value: a weight is kept to six decimals."""
    if (*one[:8], one[9]) != (*other[:8], other[9]) or (one[8] is None) != (other[8] is None):
        return False
    return one[8] is None or float(str(one[8])) == pytest.approx(float(str(other[8])), abs=2e-6)


def test_weights_doubled_and_strata_are_twice_as_many(tiny: Project, varied: Project) -> None:
    """What was changed did arrive."""
    weight = "select sum(weight) from dev_marts.fct_verdicts"
    ((before,),), ((after,),) = tiny.query(weight), varied.query(weight)
    assert float(str(after)) == pytest.approx(2 * float(str(before)), rel=1e-6)
    strata = """
        select count(*), sum(planned_n), sum(drawn_decisions) from dev_marts.mart_audit_programme
        where planned_n is not null
    """
    ((few, planned, drawn),), ((many, planned_still, drawn_still),) = tiny.query(strata), varied.query(strata)
    assert (many, planned_still, drawn_still) == (2 * int(str(few)), planned, drawn)


@pytest.mark.long
def test_sums_of_audits_are_the_same_made_by_quarters_or_at_once(
    demo: Project, new_project: Callable[..., Project]
) -> None:
    """Weeks that end in the next quarter are the reason that this could be wrong."""
    project = new_project("by_quarters")
    project.landing.symlink_to(demo.landing)
    project.copy_warehouse(demo)
    with duckdb.connect(str(project.warehouse)) as connection:
        # Slices go by days of audits, and a quarter in which none was made may have decisions that were audited later.
        connection.execute("delete from dev_staging.log_quality__audits where quarter(event_on) = 2")
    # By quarters that begin in June, too: these have other weeks across their ends.
    for fiscal in (1, 3):
        made = []
        for rows in (10**9, 10_000):
            given = f"{{slice_rows: {rows}, fiscal_year_starts_in: {fiscal}}}"
            asked = ("--select", "int_settings", "int_quality_sums", "--vars", given)
            result = project.dbt("run", "--full-refresh", *asked)
            assert result.success, result.messages
            columns = "* exclude (_batch)"
            made.append(project.query(f"select {columns} from dev_intermediate.int_quality_sums order by all"))
        run = project.folder / "target" / "run" / "plumbline" / "models" / "metrics" / "generated"
        assert (run / "int_quality_sums.sql").read_text().count("insert into") >= 1
        assert len(made[0]) > 100_000
        assert made[0] == made[1]
