"""The seeds that come with the project keep their contracts: columns, keys, periods, and names of other seeds."""

import csv
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SEEDS = sorted((ROOT / "seeds" / "reference").glob("*.csv"))
# What a column names in another seed; empty names nothing.
NAMES = {
    "queue_id": ("queues", "queue_id"),
    "site_id": ("sites", "site_id"),
    "vendor_id": ("vendors", "vendor_id"),
    "schedule_id": ("schedules", "schedule_id"),
}


def rows_of(name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds" / "reference" / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def contract_of(name: str) -> dict[str, Any]:
    (seed,) = yaml.safe_load((ROOT / "contracts" / "seeds" / f"{name}.yml").read_text())["seeds"]
    return dict(seed)


def test_every_seed_has_a_contract_and_every_contract_a_seed() -> None:
    assert [file.stem for file in SEEDS] == sorted(file.stem for file in (ROOT / "contracts" / "seeds").glob("*.yml"))


@pytest.mark.parametrize("name", [file.stem for file in SEEDS])
def test_a_seed_has_the_columns_and_the_key_of_its_contract(name: str) -> None:
    contract, rows = contract_of(name), rows_of(name)
    columns = [column["name"] for column in contract["columns"]]
    assert list(rows[0]) == columns == list(contract["config"]["column_types"])
    keys = [tuple(row[part] for part in contract["config"]["meta"]["key"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(all(key) for key in keys)


@pytest.mark.parametrize("name", [file.stem for file in SEEDS if "valid_from" in file.read_text().splitlines()[0]])
def test_periods_of_one_thing_do_not_overlap(name: str) -> None:
    parts = [part for part in contract_of(name)["config"]["meta"]["key"] if part != "valid_from"]
    periods: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in rows_of(name):
        periods.setdefault(tuple(row[part] for part in parts), []).append(
            (row["valid_from"], row["valid_to"] or "9999-12-31")
        )
    for found in map(sorted, periods.values()):
        assert all(start <= end for start, end in found)
        assert all(end < start for (_, end), (start, _) in pairwise(found)), found


@pytest.mark.parametrize("name", [file.stem for file in SEEDS])
def test_what_a_seed_names_in_another_is_there(name: str) -> None:
    for column, (other, key) in NAMES.items():
        if other != name and column in rows_of(name)[0]:
            known = {row[key] for row in rows_of(other)} | {""}
            assert {row[column] for row in rows_of(name)} <= known, column
