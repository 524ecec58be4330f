"""The sample is what it says: the same bytes from one seed, and the counts of truths.json."""

import csv
import hashlib
import json
import statistics
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project

from plumbline.cli import main
from plumbline.sample import Scale, plants, programme, transparency, world, write, write_sample


def digests(landing: Path) -> dict[str, str]:
    return {
        str(file.relative_to(landing)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(landing.rglob("*"))
        if file.is_file()
    }


def test_one_seed_gives_the_same_bytes_and_another_does_not(tiny_sample: Path, tmp_path: Path) -> None:
    write_sample(Scale.of("tiny"), tmp_path / "again", seed=1)
    assert digests(tmp_path / "again") == digests(tiny_sample)
    write_sample(Scale.of("tiny"), tmp_path / "other", seed=2)
    assert digests(tmp_path / "other") != digests(tiny_sample)


def test_days_are_the_same_however_many_are_made_at_once_and_in_whichever_order(
    tiny_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "ROWS_AT_ONCE", 4_000)
    write_sample(Scale.of("tiny"), tmp_path / "few at once", seed=1)
    assert digests(tmp_path / "few at once") == digests(tiny_sample)
    monkeypatch.undo()
    made = write.Writer._make
    monkeypatch.setattr(write.Writer, "_make", lambda self, days: made(self, days[::-1]))
    write_sample(Scale.of("tiny"), tmp_path / "backwards", seed=1)
    assert digests(tmp_path / "backwards") == digests(tiny_sample)


def test_what_is_drawn_for_one_number_under_two_names_has_nothing_in_common() -> None:
    """Correlations of 500 days of 4,000 draws, each in its standard error, are as those of chance."""
    with duckdb.connect() as connection:
        connection.execute(write.MACROS)
        for one, other in [("a.i", "a.i"), ("a.i", "a.i * 2 + 1")]:
            rows = connection.execute(
                f"""
                select corr(one, other) * sqrt(4000) from (
                    select d, draw(1, 'audit', d, {one}) as one, draw(1, 'error', d, {other}) as other
                    from range(500) as t(d), range(4000) as a(i)
                ) group by d
                """
            ).fetchall()
            values = [value for (value,) in rows]
            assert abs(statistics.mean(values)) < 0.2
            assert 0.85 < statistics.stdev(values) < 1.15


@pytest.mark.parametrize("status", ["duplicate", "superseded", "quarantined", "landed"])
def test_counts_of_every_fate_are_exact(status: str, tiny: Project) -> None:
    truths = json.loads((tiny.landing / "truths.json").read_text())["counts"]
    expected = {table: counts[status] for table, counts in truths.items() if counts.get(status)}
    name = "read" if status == "landed" else status
    found = dict(
        tiny.query(
            "select source_table, sum(row_count) from dev_marts.mart_data_validation"
            f" where status = '{name}' and row_count > 0 group by 1"
        )
    )
    assert expected
    assert found == expected


def test_every_quarantined_row_has_the_reason_it_was_made_for(tiny: Project) -> None:
    truths = json.loads((tiny.landing / "truths.json").read_text())["counts"]
    expected = {
        (table, what.removeprefix("quarantined: ")): rows
        for table, counts in truths.items()
        for what, rows in counts.items()
        if what.startswith("quarantined: ")
    }
    found = tiny.query(
        "select source_table, reason, sum(row_count) from dev_marts.mart_data_validation"
        " where status = 'quarantined' group by all"
    )
    assert {(table, reason): rows for table, reason, rows in found} == expected


def test_unmapped_codes_and_late_rows_are_as_many_as_planted(tiny: Project) -> None:
    truths = json.loads((tiny.landing / "truths.json").read_text())["counts"]["moderation.decisions"]
    unmapped = tiny.query("select count(*) from dev_marts.fct_decisions where has_unmapped_policy")
    assert unmapped == [(truths["unmapped"],)]
    late = tiny.query(
        """
        select count(*) from dev_staging.base_moderation__decisions
        where _problems is null and cast(substr(_file, position('landed_on=' in _file) + 10, 10) as date) > event_on
            and decision_id in (
                select decision_id from dev_staging.base_moderation__decisions where _problems is null
                group by decision_id having count(*) = 1
            )
        """
    )
    assert late == [(truths["late"],)]


def test_the_codes_of_the_sample_are_those_of_the_seeds() -> None:
    def codes(name: str) -> set[str]:
        lines = (ROOT / "seeds" / "reference" / f"{name}.csv").read_text().splitlines()[1:]
        return {line.split(",")[0] for line in lines}

    assert {*world.QUEUES, "escalations"} == codes("queues")
    assert set(world.POLICIES) == codes("policies")
    assert set(world.LANGUAGES) == codes("languages")
    assert {market for _, markets in world.LANGUAGES.values() for market in markets} == codes("markets")
    assert set(world.SITES) == codes("sites")
    assert {site.vendor for site in world.SITES.values()} == codes("vendors")


def test_what_the_sample_knows_of_queues_and_policies_is_what_the_seeds_say() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader((ROOT / "seeds" / "reference" / f"{name}.csv").open()))

    due = {row["queue_id"]: int(row["sla_seconds"]) for row in rows("queues") if row["queue_id"] in world.SLA_SECONDS}
    assert due == world.SLA_SECONDS
    caps = {row["queue_id"]: row["handle_seconds_cap"] for row in rows("queues") if row["handle_seconds_cap"]}
    assert {queue: int(cap) for queue, cap in caps.items()} == world.HANDLE_SECONDS_CAPS
    for row in rows("policies"):
        category = transparency.CATEGORIES.get(row["policy_code"], "OTHER_VIOLATION_TC")
        assert row["dsa_category"] == f"STATEMENT_CATEGORY_{category}"
    first = str(world.FIRST_DAY)
    expected = {
        (row["queue_id"], row["setting"], row["expected_value"])
        for row in rows("expected_settings")
        if row["valid_from"] <= first
    }
    wrong = {row for row in expected if row[:2] == programme.WRONG[:2]}
    missing = {row for row in expected if row[:2] == programme.MISSING}
    assert len(wrong) == len(missing) == 1
    assert expected - wrong - missing == set(programme.SETTINGS)
    assert programme.WRONG not in expected


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    assert main(["sample", "--scale", "tiny", "--landing", str(tmp_path)]) == 1
    assert "not a sample" in capsys.readouterr().err
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("arguments", [["--scale", "huge"], ["--scale", "10"], ["--scale", "tiny", "--days", "1"]])
def test_a_scale_that_cannot_be_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", *arguments, "--landing", str(tmp_path / "new")]) == 1
    assert arguments[-1] in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_the_page_of_the_sample_says_what_is_planted_and_has_its_pictures() -> None:
    specification = spec_from_file_location("sample_page", ROOT / "docs" / "sample_page.py")
    assert specification is not None
    assert specification.loader is not None
    sample_page = module_from_spec(specification)
    specification.loader.exec_module(sample_page)
    assert (ROOT / "docs" / "sample.md").read_text() == sample_page.page()
    pictures = {file.stem for file in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert pictures == {plant.name for plant in plants.PLANTS}
