"""Incremental = full: whatever the order in which files arrive, the warehouse is that of one full build."""

import csv
import datetime as dt
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project
from other_tables import write_other_tables

from plumbline.landing.contract import load_contracts
from plumbline.sample import Scale, write_sample

pytestmark = pytest.mark.slow

# Records of runs, not of the world: what they say of the world is compared through int_reconciliation. Of settings, the
# check of the salt has a nonce of the warehouse.
BOOKKEEPING = ("log_", "affected_", "int_settings")
# The first claims that landed say from which day on sites answer for tasks.
LAST = (
    "task_claims",
    "appeals",
    "user_reports",
    "view_samples",
    "ticket_comment",
    "user",
    "queue_configurations",
    "survey_responses",
)
COLUMNS_OF_A_RUN = ("_batch", "build_id")


def exported(project: Project, folder: Path) -> dict[str, Path]:
    """Every relation of the world as Parquet in a new `folder`, without the columns that tell runs apart.

    A view names its own database, so two warehouses cannot be compared in one session.
    """
    folder.mkdir()
    files = {}
    with project.connect() as connection:
        names = connection.execute(
            "select table_catalog || '.' || table_schema, table_name from information_schema.tables"
            " where table_schema like 'dev_%'"
            # Rows that failed a test are of a run, those in quarantine of the world.
            " and (table_schema <> 'dev_validation' or table_name = 'quarantined_rows') order by all"
        ).fetchall()
        for schema, name in names:
            if not name.startswith(BOOKKEEPING):
                columns = [row[0] for row in connection.execute(f"describe {schema}.{name}").fetchall()]
                kept = ", ".join(f'"{column}"' for column in columns if column not in COLUMNS_OF_A_RUN)
                files[name] = folder / f"{name}.parquet"
                connection.execute(f"copy (select {kept} from {schema}.{name}) to '{files[name]}' (format parquet)")
    return files


def differences(one: Project, other: Project) -> dict[str, tuple[int, int]]:
    """Rows that only one of two warehouses has, by relation; empty when they are equal."""
    with tempfile.TemporaryDirectory() as folder:
        ones, others = exported(one, Path(folder, "one")), exported(other, Path(folder, "other"))
        assert set(ones) == set(others)
        assert len(ones) > 50
        found = {}
        for name in ones:
            counts = []
            for left, right in ((ones, others), (others, ones)):
                sql = f"select count(*) from (from '{left[name]}' except all from '{right[name]}')"
                counts.append(duckdb.sql(sql).fetchall()[0][0])
            if any(counts):
                found[name] = (counts[0], counts[1])
    return found


@pytest.fixture(scope="module")
def sixty_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    landing = tmp_path_factory.mktemp("sixty") / "landing"
    write_sample(Scale("sixty", days=60, decisions=5_000), landing, seed=3)
    write_other_tables(landing, first_day=dt.date(2026, 1, 1), days=60, seed=3)
    # A correction of the roster that says of one moderator and one day that they were at another site.
    roster = f"select * from '{landing}/workforce/moderators/landed_on=2026-01-01/sample.parquet'"
    patch = landing / "workforce" / "moderators" / "landed_on=2026-02-20" / "patch.parquet"
    patch.parent.mkdir(exist_ok=True)
    duckdb.sql(
        f"""
        copy (
            with one as ({roster} order by moderator_id limit 1)
            select * replace (date '2026-01-10' as valid_from, 'lisbon' as site_id, 'northgate' as vendor_id) from one
            union all
            select * replace (date '2026-01-11' as valid_from) from one
        ) to '{patch}' (format parquet)
        """
    )
    write_mended_rows(landing)
    return landing


# Rows, and what takes them back weeks later: a removal that was none, so that the second of its content is the first;
# a report that was of another content; a reply that was of another ticket.
REMOVED = """
    select 'X' || n as decision_id, 'CX' || (n // 2) as content_id, 'full' as automation_level, 'remove' as outcome,
        timestamp '2026-01-05 08:00:00' + to_days(n * 2) as decided_at, 'sample' as _source_system
    from range(2, 5) as t(n)
"""
REPORTED = """
    select 'RX' as report_id, 'CX2' as content_id, timestamp '2026-01-05 07:00:00' as reported_at,
        'guidelines' as notice_type, 'sample' as _source_system
"""

# Decisions of twelve days that name a code before a seed knows it: what comes late touches some of these days, not all.
NAMED_EARLY = """
    select 'Y' || n as decision_id, 'CY' || n as content_id, 'full' as automation_level, 'label' as outcome,
        'not_in_seed' as policy_code, timestamp '2026-01-15 08:00:00' + to_days(n * 2) as decided_at,
        'sample' as _source_system
    from range(12) as t(n)
"""

# What a tool lands under one id, and changes half way: longer hours, and an agent, of those who reply most, who leaves.
OTHER_HOURS = """
    select 'lisbon_office' as id, 'Europe/Lisbon' as time_zone, n * 1440 + 300 as start_time,
        n * 1440 + 1320 as end_time, timestamp '2026-02-10 11:00:00' as synced_at, 'sample' as _source_system
    from range(1, 6) as t(n)
"""
LEFT = """
    select mode(user_id) as id, 'end-user' as role, timestamp '2026-02-01 12:00:00' as updated_at,
        'sample' as _source_system
    from {comments} where user_id like 'AG%' and is_public
"""
RENAMED = """
    select 'account_help' as id, 'Account desk' as name, timestamp '2026-02-01 12:00:00' as updated_at,
        'sample' as _source_system
"""


# Tables whose rows hang together: some of the sample's own come again weeks later, a few of them changed.
CHANGED_LATER = {
    "quality/audits": "audited_at + interval 1 day as audited_at, 'no_violation' as audited_outcome",
    "quality/audit_frames": "population_count + 1 as population_count",
    "quality/calibration_ratings": "'label' as label",
    "workforce/activity": "training_seconds as idle_seconds, idle_seconds as training_seconds",
    "support/ticket_field_history": "'hold' as value",
}


def come_again(landing: Path, table: str, change: str) -> str:
    """Rows of some keys as they were, and of others with another content."""
    rows = f"read_parquet('{landing}/{table}/*/sample.parquet', hive_partitioning = false, union_by_name = true)"
    (contract,) = [contract for contract in load_contracts() if contract.name == table.replace("/", ".")]
    some = f"hash({', '.join(contract.key)})"
    return (
        f"(select * replace ({change}) from {rows} where {some} % 20 = 0 order by {some} limit 5)"
        f" union all (select * from {rows} where {some} % 20 = 1 order by {some} limit 5)"
    )


def roots_become_gold(landing: Path) -> str:
    """Three roots that were requeued or escalated turn out to be planted: their later decisions are gold, too."""
    tasks = f"read_parquet('{landing}/moderation/tasks/*/sample.parquet', hive_partitioning = true)"
    return (
        f"select * exclude (landed_on) replace (true as is_gold, 'remove' as gold_outcome) from {tasks}"
        f" where task_id in (select root_task_id from {tasks}) and not is_gold and origin not in ('audit', 'appeal')"
        " qualify row_number() over (partition by task_id order by landed_on desc) = 1 order by hash(task_id) limit 3"
    )


def write_mended_rows(landing: Path) -> None:
    comments = f"read_parquet('{landing}/support/ticket_comment/*/sample.parquet', hive_partitioning = false)"
    for table, day, name, rows in (
        ("moderation/decisions", "2026-01-10", "crafted", REMOVED),
        ("moderation/user_reports", "2026-01-10", "crafted", REPORTED),
        ("moderation/decisions", "2026-01-12", "crafted", NAMED_EARLY),
        (
            "moderation/decisions", "2026-02-25", "mended",
            f"select * replace ('no_violation' as outcome) from ({REMOVED}) where decision_id = 'X2'",
        ),
        ("moderation/tasks", "2026-02-25", "mended", roots_become_gold(landing)),
        ("moderation/user_reports", "2026-02-25", "mended", f"select * replace ('CY' as content_id) from ({REPORTED})"),
        (
            "support/ticket_comment", "2026-02-25", "mended",
            f"select * replace ((select max(ticket_id) from {comments}) as ticket_id) from {comments}"
            " where user_id like 'AG%' and is_public order by ticket_id limit 1",
        ),
        ("support/schedule", "2026-02-25", "mended", OTHER_HOURS),
        ("support/user", "2026-02-25", "mended", LEFT.format(comments=comments)),
        ("support/group", "2026-02-25", "mended", RENAMED),
        *(
            (table, "2026-02-26", "mended", come_again(landing, table, change))
            for table, change in CHANGED_LATER.items()
        ),
    ):  # fmt: skip
        file = landing / table / f"landed_on={day}" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({rows}) to '{file}' (format parquet)")


@pytest.fixture(scope="module")
def changed_seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Seeds in which a queue's SLA and hours change half way and a policy and a cause are gone; then a code that nobody
    knew is known, and a holiday; then the cause, alone.

    It is in force from a day on which decisions have named it for weeks: they, too, are then known to.
    """
    first, second, last = (tmp_path_factory.mktemp("seeds") / name for name in ("first", "second", "last"))
    shutil.copytree(ROOT / "seeds", first)

    def rewrite(seeds: Path, name: str, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
        file = seeds / "reference" / f"{name}.csv"
        with file.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        with file.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(change(rows))

    def sla(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        (video,) = [row for row in rows if row["queue_id"] == "video_general"]
        later = {**video, "valid_from": "2026-02-01", "sla_seconds": "20000", "schedule_id": "lisbon_office"}
        return [row for row in rows if row is not video] + [{**video, "valid_to": "2026-01-31"}, later]

    rewrite(first, "queues", sla)
    rewrite(first, "policies", lambda rows: [row for row in rows if row["policy_code"] != "self_harm"])
    # A cause that audits named before anybody knew it.
    rewrite(first, "root_causes", lambda rows: [row for row in rows if row["root_cause_code"] != "time_pressure"])
    shutil.copytree(first, second)
    known = {"policy_code": "not_in_seed", "policy_name": "Now known", "valid_from": "2026-02-15"}
    rewrite(second, "policies", lambda rows: [*rows, {**rows[0], **known}])
    # A holiday that is told late moves what was due, and how long tickets waited.
    carnival = {"schedule_id": "lisbon_office", "holiday_on": "2026-02-17", "holiday_name": "Carnival"}
    rewrite(second, "schedule_holidays", lambda rows: [*rows, carnival])
    shutil.copytree(second, last)
    shutil.copy(ROOT / "seeds" / "reference" / "root_causes.csv", last / "reference")
    return first, second, last


# Quarters that begin with another month than the calendar's touch other days; tickets wait in office hours.
FISCAL = "{fiscal_year_starts_in: 3, support_schedule_id: lisbon_office}"


@pytest.fixture(scope="module")
def full(sixty_days: Path, changed_seeds: tuple[Path, ...], new_project: Callable[..., Project]) -> Project:
    project = new_project("full")
    project.use_seeds(changed_seeds[-1])
    shutil.copytree(sixty_days, project.landing)
    project.build("--vars", FISCAL)
    return project


def batches(landing: Path, order: int) -> list[list[Path]]:
    """Files in seven batches: three that are shuffled over all days, the roster's correction, then what is late.

    The late ones are small and come last, since a batch that touches every day would hide what an earlier one missed.
    Two kinds share a batch where one is of the first half of a month and the other of the second.
    """
    files = sorted(file.relative_to(landing) for file in landing.glob("*/*/landed_on=*/*.parquet"))
    draw = random.Random(order)  # noqa: S311

    def late(tables: set[str], days: range) -> list[Path]:
        candidates = [
            file
            for file in files
            if file.parts[1] in tables
            and file.parts[2] in {f"landed_on=2026-01-{day:02}" for day in days}
            and file.name != "crafted.parquet"
        ]
        return draw.sample(candidates, 3)

    first_half, second_half = range(1, 15), range(18, 32)
    others = {"activity", "ticket", "ticket_comment", "calibration_ratings", "view_samples", "queue_configurations"}
    last = [
        late({"tasks"}, second_half) + late(others, first_half),
        late({"audits", "appeals"}, first_half) + late({"decisions", "user_reports"}, second_half),
    ]
    # As few as they are, they would mostly be in the first batch: a file of each comes last.
    taken = [file for group in last for file in group]
    mended = [file for file in files if file.name == "mended.parquet"]
    last.append(
        [next(file for file in files if file.parts[1] == table and file not in taken) for table in LAST] + mended
    )
    patch = [file for file in files if file.name == "patch.parquet"]
    early = [file for file in files if not any(file in group for group in [*last, patch])]
    draw.shuffle(early)
    third = len(early) // 3
    # The roster comes after the first third: that was built without any.
    first = [file for file in early[:third] if file.parts[1] != "moderators"]
    second = [file for file in early if file not in first and (file in early[: 2 * third])]
    return [first, second, early[2 * third :], patch, *last]


@pytest.mark.parametrize(
    "order", [11, pytest.param(12, marks=pytest.mark.long), pytest.param(13, marks=pytest.mark.long)]
)
def test_any_order_of_arrival_gives_the_full_build(
    order: int, sixty_days: Path, changed_seeds: tuple[Path, ...], full: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project(f"shuffled_{order}")
    arriving = batches(sixty_days, order)
    for number, files in enumerate(arriving):
        for file in files:
            (project.landing / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sixty_days / file, project.landing / file)
        if number in (3, 4, 5):
            project.use_seeds(changed_seeds[number - 3])
        # A few days at a time, so that the tables are made of several slices; `full` is made of one.
        given = f"slice_rows: 400, {FISCAL[1:-1]}"
        # What is asked as of an earlier day: most of it has landed since.
        given += ", as_of: '2026-01-15 00:00:00'" if number == 2 else ""
        without = ["--exclude-resource-type", "test"] if files is not arriving[-1] else []
        project.build(*without, "--vars", f"{{{given}}}")
        if number == 0:
            made = project.folder / "target" / "run" / "plumbline" / "models" / "intermediate" / "efficiency"
            for model in ("int_tasks", "int_decisions_daily"):
                assert (made / f"{model}.sql").read_text().count("insert into") >= 2, f"{model} is of one slice"
    assert differences(project, full) == {}

    before = state(project)
    project.build("--exclude-resource-type", "test", "--vars", FISCAL)
    assert state(project) == before, "a run with nothing new must touch no fact"


def state(project: Project) -> dict[str, tuple[object, ...]]:
    """Rows and last batch of every incremental table."""
    names = project.query(
        "select table_catalog || '.' || table_schema, table_name from information_schema.columns"
        " where column_name = '_batch'"
        " and table_schema like 'dev_%' and table_name not like 'stg_mod%' order by all"
    )
    return {
        f"{schema}.{name}": project.query(f"select count(*), max(_batch) from {schema}.{name}")[0]
        for schema, name in names
    }


def test_the_shuffled_days_hold_what_they_must(full: Project) -> None:
    """The comparison above means something only where late, corrected, moved, duplicate and emptied rows occur."""
    counts = dict(full.query("select status, sum(row_count) from dev_marts.mart_data_validation group by status"))
    assert counts["duplicate"] > 0
    assert counts["superseded"] > 0
    assert counts["quarantined"] > 0
    ((caused,),) = full.query(
        "select count(*) from dev_intermediate.int_errors_daily where root_cause_code = 'time_pressure'"
    )
    assert caused > 0
    restated = dict(
        full.query(
            "select reason, sum(row_count) from dev_marts.mart_data_validation where status = 'restated' group by 1"
        )
    )
    assert restated["replaced"] == counts["superseded"]
    # Of a day before the day that they landed by more than is fresh: here at least what is mended weeks later.
    assert restated["late"] > len(CHANGED_LATER)
    (moved,) = full.query(
        """
        select count(*) from dev_staging.base_moderation__decisions as was
        inner join dev_staging.stg_moderation__decisions as now using (decision_id)
        where was.event_on <> now.event_on and was._problems is null
        """
    )[0]
    assert moved > 0
    ((inherited, answered_for),) = full.query(
        """
        select
            (
                select count(*) from dev_marts.fct_decisions as d
                inner join dev_staging.stg_moderation__tasks as t using (task_id) where d.is_gold and not t.is_gold
            ),
            (select count(*) from dev_marts.fct_tasks where answerable_site_id <> site_id)
        """
    )
    assert inherited > 0
    assert answered_for > 0
    for table in CHANGED_LATER:
        again = dict(
            full.query(
                "select status, sum(row_count) from dev_marts.mart_data_validation"
                f" where source_table = '{table.replace('/', '.')}' group by status"
            )
        )
        assert {"duplicate", "superseded"} <= {status for status, rows in again.items() if rows}, table
    ((in_hours, on_the_holiday),) = full.query(
        """
        select
            count(*) filter (where full_resolution_business_seconds < full_resolution_seconds),
            count(*) filter (
                where created_at < date '2026-02-17'
                    and created_at + to_seconds(full_resolution_seconds) > date '2026-02-18'
            )
        from dev_marts.fct_tickets
        """
    )
    assert in_hours > 0
    assert on_the_holiday > 0
    hours = full.query(
        "select count(*) from dev_intermediate.int_schedule_openings"
        " where schedule_id = 'lisbon_office' and valid_from_at = timestamp '2026-02-10 11:00:00'"
    )
    assert hours == [(5,)]
    # By who they were: the one who left wrote replies before, and none afterwards.
    ((replied, wrote),) = full.query(
        """
        select count(*) filter (where role = 'agent'), count(*) filter (where role = 'end-user')
        from dev_intermediate.int_user_versions as users
        inner join dev_staging.stg_support__ticket_comment as comments
            on comments.user_id = users.user_id and comments.created_at >= valid_from_at
                and comments.created_at < valid_until_at
        where users.user_id in (
            select id from dev_staging.base_support__user where updated_at = timestamp '2026-02-01 12:00:00'
        )
        """
    )
    assert replied > 0
    assert wrote > 0
    names = full.query(
        "select distinct group_name from dev_marts.fct_tickets where group_id = 'account_help' and is_known order by 1"
    )
    assert names == [("Account desk",), ("account help",)]
