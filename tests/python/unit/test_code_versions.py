"""The version of a model's code changes with what decides its rows, and with nothing else."""

import copy
from typing import Any

import pytest

from plumbline.code_versions import Version, mixed, plain_python, plain_sql, versions


def model(sql: str, *parents: str, kind: str = "view", **more: Any) -> dict[str, Any]:
    config = {"materialized": kind, "incremental_strategy": "append", "meta": more.pop("meta", {})}
    nodes = {"nodes": [f"model.p.{name}" if "." not in name else name for name in parents]}
    return {"resource_type": "model", "raw_code": sql, "config": config, "depends_on": nodes, **more}


TASKS = {
    "name": "tasks",
    "description": "One row per task.",
    "config": {"meta": {"key": ["id"], "impossible": [{"name": "late", "when": "a < b", "because": "No."}]}},
    "columns": {
        "id": {"name": "id", "data_type": "varchar", "description": "Id.", "config": {"meta": {}}},
        "market": {"name": "market", "data_type": "varchar", "config": {"meta": {"values": ["DE", "FR"]}}},
    },
}
GRAPH: dict[str, Any] = {
    "nodes": {
        "model.p.base": model("{{ landed() }}", "source.p.tasks", kind="incremental"),
        "model.p.staged": model("select * from {{ ref('base') }}", "base"),
        "model.p.daily": model("select {{ day('x') }} from {{ ref('staged') }}", "staged", kind="incremental"),
        "model.p.mart": model("select * from {{ ref('daily') }}", "daily", kind="table"),
        "model.p.other": model("select 1", "source.p.users", kind="landed", meta={"carry": ["id"]}),
        "test.p.unique": {"resource_type": "test", "raw_code": "select 1"},
    },
    "sources": {"source.p.tasks": TASKS, "source.p.users": copy.deepcopy(TASKS)},
}
MACROS = {
    "landed": "{% macro landed() %}select {{ engine_cast('id') }}{% endmacro %}",
    "engine_cast": "{% macro engine_cast(c) %}{{ return(adapter.dispatch('engine_cast', 'p')(c)) }}{% endmacro %}",
    "default__engine_cast": "{% macro default__engine_cast(c) %}cast({{ c }} as text){% endmacro %}",
    "day": "{% macro day(c) %}cast({{ c }} as date){% endmacro %}",
    "version_log": "{% macro version_log(t) %}true{% endmacro %}",
    "unused": "{% macro unused() %}1{% endmacro %}",
}


def changed(change: Any) -> set[str]:
    """Models whose version, with their ancestors', is another after `change` of the graph and macros."""
    graph, macros = copy.deepcopy(GRAPH), dict(MACROS)
    change(graph, macros)
    before, after = versions(GRAPH, MACROS), versions(graph, macros)
    return {key.split(".")[-1] for key in after if key in before and before[key].whole != after[key].whole}


def set_code(name: str, old: str, new: str) -> Any:
    def change(graph: dict[str, Any], macros: dict[str, str]) -> None:
        node = graph["nodes"][f"model.p.{name}"]
        assert old in node["raw_code"]
        node["raw_code"] = node["raw_code"].replace(old, new)

    return change


def set_macro(name: str, old: str, new: str) -> Any:
    def change(graph: dict[str, Any], macros: dict[str, str]) -> None:
        assert old in macros[name]
        macros[name] = macros[name].replace(old, new)

    return change


def set_contract(apply: Any) -> Any:
    return lambda graph, macros: apply(graph["sources"]["source.p.tasks"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_code("daily", "select", "select distinct"), {"daily"}),
        (set_code("staged", "*", "id"), {"staged", "daily"}),
        (set_macro("day", "date", "timestamp"), {"daily"}),
        (set_macro("default__engine_cast", "text", "varchar"), {"base", "staged", "daily"}),
        (set_macro("version_log", "true", "false"), {"other"}),
        (set_macro("unused", "1", "2"), set()),
        (set_code("mart", "*", "1"), set()),
        (set_code("daily", "select", "-- it's a day\n\n{# of what? #}\n  select"), set()),
        (
            set_contract(lambda s: s["config"]["meta"]["impossible"][0].update(when="a < c")),
            {"base", "staged", "daily"},
        ),
        (set_contract(lambda s: s["config"]["meta"]["impossible"][0].update(because="Yes.")), set()),
        (set_contract(lambda s: s["columns"]["id"].update(data_type="bigint")), {"base", "staged", "daily"}),
        (set_contract(lambda s: s["columns"]["id"].update(description="Key.")), set()),
        # Codes are reference data: a new one touches days.
        (set_contract(lambda s: s["columns"]["market"]["config"]["meta"].update(values=["DE"])), set()),
        (lambda graph, macros: graph["nodes"]["model.p.daily"]["config"]["meta"].update(owner="us"), set()),
        (lambda graph, macros: graph["nodes"]["model.p.daily"]["config"]["meta"].update(day="due_on"), {"daily"}),
        (lambda graph, macros: graph["nodes"].update({"model.p.new": model("select 2", "daily")}), set()),
    ],
)  # fmt: skip
def test_a_version_is_of_what_decides_rows(change: Any, expected: set[str]) -> None:
    assert changed(change) == expected


def test_a_new_landed_table_changes_no_model_that_reads_all_of_them() -> None:
    """Nor does it those below; a table whose own code changes is itself another, and reads its files again."""
    graph, macros = copy.deepcopy(GRAPH), dict(MACROS)
    macros["landed_tables"] = "{% macro landed_tables() %}{{ return(['other']) }}{% endmacro %}"
    graph["nodes"]["model.p.counts"] = model("{{ landed_tables() }}", "other", kind="incremental")
    graph["nodes"]["model.p.below"] = model("select * from {{ ref('counts') }}", "counts", kind="incremental")
    before = versions(graph, macros)
    macros["landed_tables"] = macros["landed_tables"].replace("'other'", "'other', 'new'")
    graph["nodes"]["model.p.new"] = model("select 1", "source.p.users", kind="landed")
    graph["nodes"]["model.p.counts"]["depends_on"]["nodes"].append("model.p.new")
    after = versions(graph, macros)
    assert "model.p.new" in after
    assert {key for key in before if before[key] != after[key]} == set()


def test_only_what_stored_models_read_has_a_version() -> None:
    assert {key.split(".")[-1] for key in versions(GRAPH, MACROS)} == {"base", "staged", "daily", "other"}


def test_python_that_a_model_imports_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from plumbline import code_versions

    code = "from plumbline.statistics.proportions import weighted_from_sums\n"
    graph = {"nodes": {"model.p.estimates": model(code, kind="incremental", language="python")}, "sources": {}}
    before = versions(graph, {})["model.p.estimates"]
    plain = code_versions.plain_python
    code_versions._module.cache_clear()
    monkeypatch.setattr(code_versions, "plain_python", lambda text: plain(text).replace("def interval", "def other"))
    assert versions(graph, {})["model.p.estimates"] != before
    code_versions._module.cache_clear()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("select\n    a,  -- the first\n    b\n", "select a, b"),
        ("select '--' as a -- it's kept", "select '--' as a -- it's kept"),
        ("-- depends_on: {{ ref('a') }}\nselect 1", "-- depends_on: {{ ref('a') }} select 1"),
        ("{# several\n lines, don't #}select 1", "select 1"),
        ("select 'a -- b' as c", "select 'a -- b' as c"),
    ],
)
def test_comments_of_sql_are_left_out_where_they_surely_are_some(text: str, plain: str) -> None:
    assert plain_sql(text) == plain


def test_comments_and_docstrings_of_python_are_left_out() -> None:
    text = '"""What it is."""\n\n\ndef f(x):\n    """Say.\n\n    More."""\n    return f"#{x}"  # why\n'
    assert plain_python(text) == 'def f(x):\n    return f"#{x}"'


PRESENT = versions(GRAPH, MACROS)
NOW = {key: version.whole for key, version in PRESENT.items()}


def names_mixed(written: dict[str, str], selected: list[str], full_refresh: bool = False) -> list[str]:
    ids = {f"model.p.{name}" for name in selected}
    found = mixed(GRAPH, PRESENT, {f"model.p.{key}": value for key, value in written.items()}, ids, full_refresh)
    return [key.split(".")[-1] for key in found]


def written(**other: str) -> dict[str, str]:
    return {key.split(".")[-1]: whole for key, whole in NOW.items()} | other


@pytest.mark.parametrize(
    ("stored", "selected", "full_refresh", "expected"),
    [
        (written(), ["base", "staged", "daily", "mart"], False, []),
        # The view changed, so it is of another version, and so is what is stored below it.
        (written(staged="x", daily="x"), ["base", "staged", "daily", "mart"], False, ["daily"]),
        (written(staged="x", daily="x"), ["base", "staged", "daily", "mart"], True, []),
        (written(staged="x", daily="x"), ["staged", "daily"], True, []),
        (written(staged="x", daily="x"), ["staged"], False, ["daily"]),
        (written(staged="x", daily="x"), ["mart"], False, ["daily"]),
        (written(staged="x", daily="x"), ["other"], False, []),
        # Rebuilt from a view that is still what it was.
        (written(staged="x", daily="x"), ["daily"], True, ["staged"]),
        # A full refresh of a part leaves what is below.
        (written(base="x", staged="x", daily="x"), ["base"], True, ["daily"]),
        (written(base="x", staged="x", daily="x"), ["daily"], True, ["base", "staged"]),
        # Rows of unknown version; a table without rows is not listed, nor one that is not there.
        (written(other=""), ["other"], False, ["other"]),
        ({"base": NOW["model.p.base"]}, ["base", "staged", "daily"], False, []),
        ({}, ["base", "staged", "daily", "mart", "other"], False, []),
    ],
)
def test_rows_of_two_versions_never_stand_side_by_side(
    stored: dict[str, str], selected: list[str], full_refresh: bool, expected: list[str]
) -> None:
    assert names_mixed(stored, selected, full_refresh) == expected


def test_a_model_that_is_never_rebuilt_stays_of_its_version() -> None:
    graph = copy.deepcopy(GRAPH)
    graph["nodes"]["model.p.other"]["config"]["full_refresh"] = False
    given = {"model.p.other": "x"}
    assert mixed(graph, PRESENT, given, ["model.p.other"], True) == ["model.p.other"]
    assert isinstance(PRESENT["model.p.other"], Version)
