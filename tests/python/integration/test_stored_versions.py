"""Rows that outlive a run are of one version of the code: a run that would mix two is refused, and says what to do."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project
from test_arrival import differences

from plumbline.code_versions import plain_sql

pytestmark = [pytest.mark.slow, pytest.mark.attack("version of stored days")]

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
# Between them they have every stored model above the metrics as ancestors.
STORED = (
    "int_efficiency_metrics", "int_workforce_metrics", "int_quality_metrics", "int_appeals_metrics",
    "int_exposure_metrics", "int_support_metrics", "mart_quality_weekly", "mart_vendor_scorecard", "mart_exposure",
)  # fmt: skip

# File, what stands in it, what is to stand there; and the model whose code that is.
CHANGES = {
    "a stored model": (
        "models/intermediate/workforce/int_activity_daily.sql",
        "sum(idle_seconds)",
        "sum(idle_seconds) + 1",
        "int_activity_daily",
    ),
    "a view above a stored model": (
        "models/intermediate/exposure/int_content_removals_daily.sql",
        "count(*) as contents_removed",
        "count(*) + 1 as contents_removed",
        "int_content_removals_daily",
    ),
    "a macro": ("macros/decisions/outcomes.sql", ", 'label')", ")", "int_appeals"),
    "a rule of a contract": (
        "contracts/moderation/tasks.yml",
        "when: closed_at < enqueued_at",
        "when: closed_at < enqueued_at + interval 1 minute",
        "base_moderation__tasks",
    ),
}
SILENT = {
    "comments and descriptions": [
        ("models/intermediate/efficiency/int_tasks.sql", "select", "-- what it's of\n\n    select"),
        ("models/intermediate/efficiency/int_tasks.sql", "{{ config(", "{# Roots, aren't they? #}\n{{ config("),
        ("macros/decisions/outcomes.sql", "{{ outcome }} in", "-- of outcomes\n{{ outcome }} in"),
        ("models/intermediate/workforce/int_activity_daily.yml", "One row per", "One row for each"),
        ("contracts/moderation/tasks.yml", "because: The task", "because: A task"),
        ("contracts/moderation/tasks.yml", "What brought the task about.", "What the task came from."),
    ],
    "a mart that no stored model reads": [
        ("models/marts/core/dim_market.sql", "'(unmapped)'\n", "'(unmapped)' -- x\n"),
        ("models/marts/core/dim_market.sql", "market_name\nfrom", "upper(market_name) as market_name\nfrom"),
    ],
}


def copy_project(project: Project, source: Path = ROOT) -> None:
    """Go on with a project of files of its own, so that they can be changed."""
    project.use_seeds(source / "seeds")
    for folder in ("models", "python_models", "contracts", "macros"):
        (project.root / folder).unlink()
        shutil.copytree(source / folder, project.root / folder)


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text()
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new, 1))


def stored_tables(project: Project) -> dict[str, tuple[object, ...]]:
    """Number of rows, a hash of all of them and the recorded version, by table."""
    with project.connect() as connection:
        names = connection.execute(
            "select database_name, schema_name || '.' || table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        sums = "select count(*), bit_xor(hash(t)) from {}.{} as t"
        return {
            name: (*connection.execute(sums.format(database, name)).fetchall()[0], comment)
            for database, name, comment in names
        }


def refused(project: Project, *verb: str) -> str:
    """The message of a run that is refused before any node runs, and changes nothing."""
    before = stored_tables(project)
    result = project.dbt(*(verb or ("build",)))
    message = "\n".join(result.messages)
    assert not result.success
    assert "Nothing was changed" in message
    assert not [name for name, status in result.statuses.items() if status == "success"]
    assert stored_tables(project) == before
    return message


@pytest.fixture
def project(tiny: Project, new_project: Callable[..., Project]) -> Project:
    made = new_project("versions")
    made.landing.symlink_to(tiny.landing)
    made.copy_warehouse(tiny)
    copy_project(made)
    return made


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.long
def test_changed_code_of_stored_rows_is_refused(what: str, project: Project) -> None:
    file, old, new, model = CHANGES[what]
    edit(project, file, old, new)
    message = refused(project)
    assert re.search(rf"the code of [^;]*\b{model}\b", message)
    assert "dbt build --full-refresh" in message
    # The names of a few are enough.
    assert message.count("int_") + message.count("mart_") + message.count("log_") + message.count("affected_") < 25


@pytest.mark.parametrize("what", SILENT)
def test_what_changes_no_stored_row_asks_for_nothing(what: str, project: Project) -> None:
    for file, old, new in SILENT[what]:
        edit(project, file, old, new)
    (project.root / "models" / "marts" / "core" / "mart_new.sql").write_text(
        "select count(*) as days from {{ ref('int_activity_daily') }}"
    )
    before = stored_tables(project)
    result = project.dbt("run", "--select", *STORED)
    assert result.success, result.messages
    after = stored_tables(project)
    # Every run is entered in the list of runs, and how it ended.
    assert {name for name in after if after[name] != before[name]} == {"landing_dev.runs", "landing_dev.outcomes"}


@pytest.mark.long
def test_a_full_refresh_of_a_part_leaves_nothing_of_the_former_version_below(project: Project) -> None:
    file, old, new, model = CHANGES["a stored model"]
    edit(project, file, old, new)
    assert "int_workforce_slices" in refused(project, "run", "--full-refresh", "--select", model)
    result = project.dbt("run", "--full-refresh", "--select", f"{model}+")
    assert result.success, result.messages
    assert project.dbt("run", "--select", *STORED).success


def test_rows_of_unknown_version_are_refused_and_empty_tables_are_not(project: Project) -> None:
    """As in a warehouse of a release that recorded none."""
    with duckdb.connect(str(project.warehouse)) as connection:
        for name in ("dev_intermediate.int_activity_daily", "dev_staging.base_actions__insight_requests"):
            connection.execute(f"comment on table {name} is null")
        connection.execute("delete from dev_staging.base_actions__insight_requests")
    message = refused(project, "run", "--select", *STORED)
    assert "wrote the rows of int_activity_daily is not recorded" in message
    assert "stg_actions__insight_requests" not in message
    result = project.dbt("run", "--select", "stg_actions__insight_requests")
    assert result.success, result.messages
    (comment,) = project.query(
        "select comment from duckdb_tables() where table_name = 'base_actions__insight_requests'"
    )
    assert str(comment[0]).startswith("plumbline code ")


@pytest.mark.long
def test_the_command_that_is_given_makes_every_table_that_of_a_full_build(
    project: Project, new_project: Callable[..., Project]
) -> None:
    scratch = new_project("versions_scratch")
    scratch.landing.symlink_to(project.landing)
    copy_project(scratch)
    for each in (project, scratch):
        for file, old, new, _ in CHANGES.values():
            edit(each, file, old, new)
    obey(refused(project), project)
    scratch.build(*WITHOUT_TESTS)
    assert differences(project, scratch) == {}
    assert project.dbt("run", "--select", *STORED).success


def obey(message: str, project: Project) -> None:
    """Run the one command that a refusal names."""
    commands = re.findall(r"dbt (build(?: --\S+)*)", message)
    assert len(commands) == 1
    project.build(*commands[0].split()[1:], *WITHOUT_TESTS)


def git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True, text=True).stdout


def changed_stored_models(revision: str) -> bool:
    """Whether a revision changed what a stored model says, not only its comments."""
    for line in git("diff", "--name-status", "--no-renames", f"{revision}^", revision, "--", "models").splitlines():
        kind, path = line.split("\t")
        if kind == "M" and path.endswith(".sql"):
            before, after = (git("show", f"{at}:{path}") for at in (f"{revision}^", revision))
            if "materialized='incremental'" in after and plain_sql(before) != plain_sql(after):
                return True
    return False


def earlier_revisions() -> list[str]:
    """What was before each of the last three changes of stored models, and what was sixty commits ago."""
    try:
        if git("rev-parse", "--is-shallow-repository").strip() == "true":
            return []
        revisions = git("rev-list", "--first-parent", "HEAD").split()
        found: Iterator[str] = (f"{one}^" for one in revisions[:-1] if changed_stored_models(one))
        latest = [one for one, _ in zip(found, range(3), strict=False)]
        return [git("rev-parse", one).strip() for one in [*latest, revisions[60]]]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return []


@pytest.mark.long
@pytest.mark.parametrize("number", range(4), ids=["last", "one_before", "two_before", "sixty_commits"])
def test_an_upgrade_from_an_earlier_revision_is_refused_and_then_made(
    number: int, tiny: Project, tiny_sample: Path, new_project: Callable[..., Project], tmp_path: Path
) -> None:
    revisions = earlier_revisions()
    if not revisions:
        pytest.skip("no history here: not a git repository, or a shallow clone")
    project = new_project("upgrade")
    shutil.copytree(tiny_sample, project.landing)
    build_with(revisions[number], project, tmp_path / "earlier")
    obey(refused(project), project)
    with duckdb.connect(str(project.warehouse)) as connection, tiny.connect() as present:
        drop_what_is_no_model_any_more(connection, present)
    assert differences(project, tiny) == {}


def build_with(revision: str, project: Project, folder: Path) -> None:
    """Build the project of an earlier revision by its own code."""
    folder.mkdir()
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", revision], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    arguments = ["build", *WITHOUT_TESTS, "--profiles-dir", ".", "--target-path", str(folder / "target")]
    subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments],
        cwd=folder,
        env={**os.environ, **project.environment(), "PYTHONPATH": str(folder / "src")},
        check=True,
    )


def drop_what_is_no_model_any_more(connection: duckdb.DuckDBPyConnection, present: duckdb.DuckDBPyConnection) -> None:
    """A full refresh leaves the relations of models that are gone."""
    sql = "select table_schema, table_name, table_type from information_schema.tables"
    kept = {row[:2] for row in present.execute(sql).fetchall()}
    for schema, name, kind in connection.execute(sql).fetchall():
        if (schema, name) not in kept:
            connection.execute(f'drop {"view" if kind == "VIEW" else "table"} {schema}."{name}"')
