"""A mapping is judged before any row is read; what is wrong is named with its line and column."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from plumbline.landing.mapping import SHIPPED, MappingError, load_mapping, shipped_names

GOOD = """description: Decisions of a tool.
parameters:
  zone: {description: zone}
branches:
  - table: quality.audit_frames
    columns:
      frame_id: frame
      stratum: "'$zone'"
      period_start: starts
      period_end: ends
      population_count: population
      planned_n: cast(planned as bigint) + 1
"""


def write(folder: Path, text: str) -> str:
    file = folder / "mapping.yml"
    file.write_text(text)
    return str(file)


def test_a_good_mapping_loads_with_its_parameters(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path, GOOD), {"zone": "north"})
    (branch,) = mapping.branches
    assert branch.contract.name == "quality.audit_frames"
    assert branch.expressions is not None
    assert branch.expressions["stratum"] == "'north'"


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("      stratum:", "      stratumm:", "8:7", "quality.audit_frames has no column stratumm"),
        ("      period_end: ends\n", "", "7:7", "column period_end is not mapped"),
        ("      frame_id: frame\n", "", "7:7", "key column frame_id is not mapped"),
        ("planned_n: cast(planned as bigint) + 1", "planned_n: cast(planned as", "12:18", "planned_n: does not parse"),
        (
            "planned_n: cast(planned as bigint) + 1",
            "planned_n: 1; drop table x",
            "12:18",
            "one expression, not other statements",
        ),
        ("table: quality.audit_frames", "table: quality.frames", "5:12", "quality.frames is no table"),
        ("'$zone'", "'$region'", "8:16", "$region is no parameter"),
        ("'$zone'", "'$'", "8:16", "a lone $"),
        ("branches:", "branchs:", "4:1", "unknown key branchs"),
        ("  - table", "  - tabel", "5:5", "unknown key tabel"),
        ("    columns:\n", "    columns: [\n", "6:14", "not YAML"),
    ],
)
def test_a_bad_mapping_is_an_error_with_its_place(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(MappingError) as error:
        load_mapping(file, {"zone": "north"})
    assert reason in str(error.value)
    if reason != "not YAML":
        assert str(error.value).startswith(f"{file}:{place}: ")


READ = GOOD.replace("branches:", "read: {NAME: VALUE}\nbranches:")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("delimiter", "'ab'", "delimiter 'ab': one character, or one of tab"),
        ("delimiter", "'\"'", "one character, or one of tab"),
        ("escape", "slash", "escape slash; known: doubled, backslash, php"),
        ("quote", "'ab'", "quote 'ab': one character, or none"),
        ("match", "fuzzy", "match fuzzy; known: exact, loose"),
        ("encoding", "utf-9", "encoding utf-9: none that Python knows"),
        ("format", "xls", "format xls; known: csv, jsonl, parquet"),
        ("delimiter", "[a, b]", "delimiter: one value, not 2"),
        ("delimeter", "a", "unknown key delimeter"),
    ],
)
def test_an_option_of_reading_that_cannot_be_is_named(tmp_path: Path, name: str, value: str, reason: str) -> None:
    file = write(tmp_path, READ.replace("NAME", name).replace("VALUE", value))
    with pytest.raises(MappingError) as error:
        load_mapping(file, {"zone": "north"})
    assert reason in str(error.value)
    assert str(error.value).startswith(f"{file}:4:")
    if not value.startswith("["):
        with pytest.raises(MappingError, match=f"--read {name}: "):
            load_mapping(write(tmp_path, GOOD), {"zone": "north"}, [(name, value.strip("'"))])


def test_what_is_given_goes_before_what_the_mapping_says(tmp_path: Path) -> None:
    file = write(tmp_path, READ.replace("NAME", "delimiter").replace("VALUE", "pipe"))
    assert load_mapping(file, {"zone": "north"}).reading.delimiter == "|"
    given = load_mapping(file, {"zone": "north"}, [("delimiter", "tab"), ("null_values", "-"), ("null_values", "?")])
    assert (given.reading.delimiter, given.reading.null_values) == ("\t", ("-", "?"))


def constants(node: Any) -> Iterator[str]:
    """Texts that an expression may come to of itself, as DuckDB parses it, through casts and cases in it."""
    if node["class"] == "CONSTANT" and isinstance(node["value"].get("value"), str):
        yield node["value"]["value"]
    elif node["class"] == "CAST":
        yield from constants(node["child"])
    elif node["class"] == "CASE":
        for check in node["case_checks"]:
            yield from constants(check["then_expr"])
        yield from constants(node["else_expr"])


def guesses(node: Any) -> Iterator[str]:
    """Texts that stand for whatever else there is: behind `else`, and last of coalesce and its like."""
    if isinstance(node, list):
        for part in node:
            yield from guesses(part)
    elif isinstance(node, dict):
        if node.get("class") == "CASE":
            yield from constants(node["else_expr"])
        elif node.get("type") == "OPERATOR_COALESCE" or node.get("function_name") in ("ifnull", "nvl", "if"):
            yield from constants(node["children"][-1])
        for part in node.values():
            yield from guesses(part)


def parsed(expression: str) -> Any:
    (text,) = duckdb.execute("select json_serialize_sql(?::varchar)", [f"select {expression}"]).fetchone() or ("",)
    return json.loads(text)["statements"][0]["node"]["select_list"]


ASKED = {"vintage": "'x'", "period_start": "date '2025-07-01'", "table": "moderation.decisions"}


@pytest.mark.parametrize("name", shipped_names())
def test_no_shipped_mapping_guesses_a_code(name: str) -> None:
    """A code that is not known lands as it is and is unmapped: no `else` gives it another, or a missing one any."""
    text = (SHIPPED / f"{name}.yml").read_text()
    mapping = load_mapping(name, {key: value for key, value in ASKED.items() if f"\n  {key}: {{" in text})
    for branch in mapping.branches:
        for column, expression in (branch.expressions or {}).items():
            found = [guess for guess in guesses(parsed(expression)) if guess not in ("", "(none)")]
            # What was not deleted is not: the one truth that a missing mark tells.
            assert found == (["false"] if column == "is_deleted" else []), (branch.contract.name, column)


def test_a_guess_is_seen_wherever_it_hides() -> None:
    hidden = {
        "case x when 'a' then 'b' else 'low' end": ["low"],
        "case x when 'a' then case y when 'c' then 'd' else 'low' end else y end": ["low"],
        "case when x then 'a' else cast('low' as varchar) end": ["low"],
        "coalesce(x, 'low')": ["low"],
        "ifnull(x, 'low')": ["low"],
        "lower(case x when 'a' then 'b' else case when y then 'low' end end)": ["low"],
        "case x when 'a' then 'b' else x end": [],
        "case x when 'a' then 'b' end": [],
        "coalesce(x, y)": [],
    }
    assert {expression: list(guesses(parsed(expression))) for expression in hidden} == hidden


def test_parameters_are_asked_for_and_unknown_ones_refused(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    with pytest.raises(MappingError, match="--set zone="):
        load_mapping(file, {})
    with pytest.raises(MappingError, match=r"--set zoone: no such parameter; there are: zone"):
        load_mapping(file, {"zoone": "x"})


def test_an_unknown_mapping_names_those_there_are() -> None:
    assert {"contract", "rater_table", "servicenow_incidents"} <= set(shipped_names())
    with pytest.raises(MappingError, match="rater_table"):
        load_mapping("no_such_mapping", {})
