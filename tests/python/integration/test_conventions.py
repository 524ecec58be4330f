"""The rules of the house, held against dbt's manifest and the warehouse."""

import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Project

from plumbline.governance.dictionary import dictionary_page
from plumbline.governance.generated import generated_files
from plumbline.landing.contract import load_contract, load_contracts
from plumbline.metric_sql.semantics import AREAS, REBUILT

Manifest = dict[str, Any]
GROUPS = (*AREAS, REBUILT)


def models(manifest: Manifest) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(node: dict[str, Any]) -> str:
    path = Path(node["original_file_path"])
    return "python" if path.parts[0] == "python_models" else path.parts[1]


# What each layer may read.
MAY_READ = {
    "staging": {"staging", "arrival", "source", "seed"},
    "arrival": {"staging", "arrival", "intermediate", "seed"},
    "intermediate": {"staging", "arrival", "intermediate", "metrics", "python", "seed"},
    "metrics": {"staging", "arrival", "intermediate", "metrics", "marts"},
    "python": {"arrival", "intermediate", "metrics", "marts"},
    "marts": {"arrival", "intermediate", "metrics", "python", "seed"},
    "validation": {"staging"},
    "reports": {"marts", "metrics", "reports"},
}


def test_layers_read_only_what_they_may(manifest: Manifest) -> None:
    broken = []
    for node in models(manifest):
        # A fact may be a staged table as it is, or with keys in place of the ids of people.
        allowed = MAY_READ[layer(node)] | ({"staging"} if node["name"].startswith("fct_") else set())
        parents = [manifest["nodes"].get(parent) for parent in node["depends_on"]["nodes"]]
        for parent in parents:
            kind = "source" if parent is None else "seed" if parent["resource_type"] == "seed" else layer(parent)
            if kind not in allowed:
                broken.append(f"{node['name']} ({layer(node)}) reads {kind}")
    assert broken == []


def test_columns_of_sql_and_yaml_agree_both_ways(manifest: Manifest, tiny: Project) -> None:
    found: dict[str, list[str]] = {}
    for name, column in tiny.query(
        "select table_name, column_name from information_schema.columns where table_schema like 'dev_%'"
        " and (table_schema <> 'dev_validation' or table_name = 'quarantined_rows')"
        " order by table_name, ordinal_position"
    ):
        found.setdefault(str(name), []).append(str(column))
    for node in models(manifest):
        # The columns of landed tables are those of the contract, and those of slices the measures of models/semantic:
        # the next tests.
        if not re.match(r"(base|log|stg)_(?!landing)|int_(?!calibration)\w+_slices$", node["name"]):
            assert list(node["columns"]) == found[node["name"]], node["name"]


def test_staging_has_the_columns_of_the_contract(tiny: Project) -> None:
    names = tiny.query(
        "select table_name from information_schema.tables where table_schema = 'dev_staging'"
        " and table_name like 'stg_%'"
    )
    staged = [name for (name,) in names if "landing" not in str(name)]
    assert len(staged) == len(list(load_contracts()))
    for name in staged:
        source, table = str(name).removeprefix("stg_").split("__")
        contract = load_contract(source, table)
        described = tiny.query(f"select column_name, column_type from (describe dev_staging.{name})")
        columns = [(c.name, c.type) for c in contract.columns]
        assert described[: len(columns)] == columns
        flags = [f"is_{rule.name}" for rule in contract.odd]
        assert [column for column, _ in described[len(columns) : len(columns) + len(flags)]] == flags


def test_slices_have_the_measures_of_the_semantic_models(tiny: Project) -> None:
    documents = [yaml.safe_load(file.read_text()) for file in (ROOT / "models" / "semantic").glob("*.yml")]
    summed = {
        measure["name"]
        for document in documents
        for model in document.get("semantic_models", [])
        for measure in model["measures"]
        if measure["agg"] == "sum"
    }
    found = tiny.query(
        "select table_name, column_name from duckdb_columns()"
        f" where schema_name = 'dev_intermediate' and table_name in {tuple(f'int_{group}_slices' for group in GROUPS)}"
    )
    keys = {"scope_type", "scope", "slice_type", "slice", "reporting_on", "_batch"}
    measures = {str(column) for _, column in found} - keys
    assert {name for name in measures if not name.endswith("_people_bits")} == summed


# A BI tool shows a description by itself: it may not lean on the column before it.
LEANS = re.compile(
    r"^(of (them|those|these)|those|them|these|it|its|the same|the others?|which of them|as above|ditto)\b",
    re.IGNORECASE,
)


def test_every_description_stands_alone(manifest: Manifest) -> None:
    nodes = [*manifest["nodes"].values(), *manifest["sources"].values(), *manifest["metrics"].values()]
    leaning = [
        f"{node['name']}.{column.get('name', '')}: {column['description']}"
        for node in nodes
        for column in (node, *node.get("columns", {}).values())
        if LEANS.match(column.get("description", "").strip())
    ]
    assert leaning == []


@pytest.mark.parametrize(
    "text", ["Of them those with enough of it.", "Its state.", "The same, corrected.", "Those left."]
)
def test_a_description_that_leans_on_its_neighbour_is_found(text: str) -> None:
    assert LEANS.match(text)


def test_everything_has_a_description_an_owner_and_a_key_test(manifest: Manifest) -> None:
    for node in models(manifest):
        assert len(node["description"]) > 30, node["name"]
        assert node["description"].startswith("One row"), f"{node['name']}: say the grain first"
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(tests) > 20
    for test in tests:
        assert test["config"]["meta"].get("owner"), f"{test['name']} has no owner"
        assert test["config"]["store_failures"], test["name"]
    generic = [test for test in tests if test.get("test_metadata")]
    tested = {
        test["attached_node"]
        for test in generic
        if test["test_metadata"]["name"] == "unique_key" or test["test_metadata"]["kwargs"].get("key")
    }
    for node in models(manifest):
        if node["name"].startswith(("fct_", "mart_")) and node["config"]["meta"].get("key"):
            keyed = {"fct_moderator_days", "fct_ticket_events", "mart_data_validation"}
            # A view whose joins are dear to pass again may name the tests that make its key unique together.
            elsewhere = set(node["config"]["meta"].get("key_tested_by", []))
            assert elsewhere <= {test["name"] for test in tests}, node["name"]
            assert node["unique_id"] in tested or node["name"] in keyed or elsewhere, f"{node['name']} has no key test"
        if node["name"].startswith("dim_"):
            assert [c for c in node["constraints"] if c["type"] == "primary_key"], node["name"]


# Whose keys follow from those of what stands beneath them.
KEYS_OF_OTHERS = {"mart_metric_series", "mart_queue_health", "fct_decision_people"}


def test_one_test_holds_the_keys_that_models_name(manifest: Manifest) -> None:
    text = (ROOT / "tests" / "assertions" / "core" / "keys_are_unique.sql").read_text()
    held = {name: re.findall(r"\w+", key) for name, key in re.findall(r"\('(\w+)', \[(.*?)\]", text)}
    keys = {node["name"]: node["config"]["meta"].get("key") for node in models(manifest)}
    assert held == {name: keys[name] for name in held}
    named = {
        node["name"]
        for node in models(manifest)
        if "keys_are_unique" in node["config"]["meta"].get("key_tested_by", [])
    }
    assert named - KEYS_OF_OTHERS <= held.keys()


def test_every_mart_says_what_it_leaves_out_where_it_misleads_and_what_it_answers(manifest: Manifest) -> None:
    for node in models(manifest):
        if node["name"].startswith(("mart_", "rpt_")):
            said = node["description"]
            assert [word for word in ("Left out:", "Trap:", "Answers:") if word not in said] == [], node["name"]
            assert said.split("Answers:")[1].count("?") >= 3, node["name"]


def test_a_model_has_at_most_120_lines_or_a_reason_on_its_first() -> None:
    """What is generated is as long as the definitions make it."""
    files = [*(ROOT / "models").rglob("*.sql"), *(ROOT / "python_models").rglob("*.py")]
    texts = {file: file.read_text().splitlines() for file in files if "generated" not in file.parts}
    silent = [file.name for file, lines in texts.items() if len(lines) > 121 and "Over 120 lines: " not in lines[0]]
    assert silent == []
    needless = [file.name for file, lines in texts.items() if len(lines) <= 121 and "Over 120 lines: " in lines[0]]
    assert needless == []


def test_every_name_is_written_as_the_house_writes_it(manifest: Manifest) -> None:
    prefixes = {"intermediate": ("int_", "affected_", "log_"), "marts": ("dim_", "fct_", "mart_"), "reports": "rpt_"}
    for node in models(manifest):
        assert node["name"].startswith(prefixes.get(layer(node), "")), node["name"]
        for column in node["columns"].values():
            name, kind = column["name"], (column["data_type"] or "").lower()
            if kind == "boolean":
                assert name.startswith(("is_", "has_")), f"{node['name']}.{name}"
            if kind == "timestamp":
                assert name.endswith("_at"), f"{node['name']}.{name}"
            if kind == "date":
                endings = ("_on", "_start", "_end", "_from", "_to", "_day")
                assert name.endswith(endings), f"{node['name']}.{name}"


def test_marts_have_contracts_and_a_group(manifest: Manifest) -> None:
    marts = [node for node in models(manifest) if layer(node) in ("marts", "reports")]
    assert len(marts) > 15
    for node in marts:
        assert node["config"]["contract"]["enforced"], node["name"]
        assert node["config"]["group"] in ("core", "people"), node["name"]
        if node["name"].startswith("mart_"):
            assert "build_id" in node["columns"], node["name"]


def test_every_mart_is_exposed(manifest: Manifest) -> None:
    exposed = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    assert manifest["exposures"]
    for exposure in manifest["exposures"].values():
        assert exposure["owner"]["name"]
        if exposure["config"]["meta"].get("read_by") == "vendors":
            # A row of what vendors read is of one vendor, by which it can be kept from the others.
            for parent in exposure["depends_on"]["nodes"]:
                columns = [name for name in manifest["nodes"][parent]["columns"] if "vendor" in name or name == "scope"]
                assert columns in (["vendor"], ["scope"]), parent
    for node in models(manifest):
        if node["name"].startswith(("mart_", "rpt_")) and node["access"] == "public":
            assert node["unique_id"] in exposed, node["name"]


def test_no_model_asks_the_clock(manifest: Manifest) -> None:
    clock = re.compile(r"current_timestamp|current_date|\bnow\(\)|getdate", re.IGNORECASE)
    for node in models(manifest):
        assert not clock.search(node["raw_code"]), node["name"]


def test_yaml_has_no_key_that_dbt_would_silently_ignore() -> None:
    known = {
        "models": {
            "name",
            "description",
            "config",
            "columns",
            "data_tests",
            "constraints",
            "access",
            "group",
            "time_spine",
        },
        "columns": {"name", "description", "data_type", "config", "constraints", "data_tests", "granularity"},
        "semantic_models": {
            "name",
            "description",
            "model",
            "config",
            "defaults",
            "primary_entity",
            "entities",
            "dimensions",
            "measures",
        },
        "metrics": {"name", "label", "description", "type", "type_params", "config"},
        "saved_queries": {"name", "description", "query_params", "exports"},
        "tests": {"name", "arguments", "config"},
        "unit_tests": {"name", "model", "given", "expect", "overrides", "description", "config"},
        "config": {"meta", "severity", "materialized", "enabled"},
    }
    for file in (ROOT / "models").rglob("*.yml"):
        document = yaml.safe_load(file.read_text())
        named = ("semantic_models", "metrics", "saved_queries")
        assert set(document) <= {"models", "sources", "unit_tests", "groups", "exposures", *named}, file.name
        for source in document.get("sources", []):
            assert set(source) <= {"name", "description", "schema", "tables"}, file.name
            for table in source["tables"]:
                assert set(table) <= {"name", "description", "columns"}, f"{file.name}: {table['name']}"
        for kind in named:
            for node in document.get(kind, []):
                assert set(node) <= known[kind], f"{file.name}: {node['name']}"
                assert set(node.get("config", {})) <= {"meta"}, f"{file.name}: {node['name']}"
        for test in document.get("unit_tests", []):
            assert set(test) <= known["unit_tests"], f"{file.name}: {test['name']}"
        for model in document.get("models", []):
            assert set(model) <= known["models"], f"{file.name}: {model['name']}"
            assert set(model.get("config", {})) <= known["config"], file.name
            for column in model.get("columns", []):
                assert set(column) <= known["columns"], f"{file.name}: {column['name']}"
            for test in model.get("data_tests", []):
                ((_, settings),) = test.items()
                assert set(settings) <= known["tests"], f"{file.name}: {test}"


GENERATED = generated_files(ROOT)


@pytest.mark.parametrize("file", GENERATED, ids=lambda file: file.name)
def test_a_generated_file_is_that_of_its_sources(file: Path) -> None:
    assert file.read_text() == GENERATED[file], "run: plumbline docs"


def test_what_is_generated_no_more_is_gone() -> None:
    folder = ROOT / "models" / "metrics" / "generated"
    assert set(folder.glob("*.sql")) == {file for file in GENERATED if file.parent == folder and file.suffix == ".sql"}


def test_a_column_described_by_words_that_are_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "marts" / "core").mkdir(parents=True)
    (tmp_path / "marts" / "core" / "dim_one.sql").write_text("select 1")
    (tmp_path / "marts" / "core" / "dim_one.yml").write_text(
        "models:\n- name: dim_one\n  description: One row.\n  config: {meta: {owner: us}}\n  columns:\n"
        "  - {name: a, data_type: varchar, description: \"{{ doc('a') }}\"}\n"
    )
    with pytest.raises(ValueError, match=r"dim_one.a is described by doc\('a'\)"):
        dictionary_page(tmp_path)


@pytest.mark.parametrize("contract", list(load_contracts()), ids=lambda contract: contract.name)
def test_a_contract_is_whole(contract: Any) -> None:
    assert set(contract.key) <= set(contract.column_names)
    assert contract.event is None or contract.event in contract.column_names
    for column in contract.columns:
        assert column.description.endswith((".", "...")), column.name
        if column.name.endswith("_at"):
            assert column.type == "TIMESTAMP", column.name
        if column.name.endswith("_on"):
            assert column.type == "DATE", column.name
        if column.name.startswith("is_"):
            assert column.type == "BOOLEAN", column.name
        if column.name.endswith("_seconds"):
            assert column.type == "DECIMAL(18,3)", column.name


# What is known moves with each landing, and affects its days; what rows without a source system are called, they keep.
NO_SETTINGS = {"as_of", "source_system"}


def test_every_variable_that_stored_days_are_made_with_is_a_setting(manifest: Manifest) -> None:
    """By its SQL, by the macros that it calls, and by what stands above it and is not stored; others would mix."""
    nodes = {node["unique_id"]: node for node in models(manifest)}
    macros = manifest["macros"]
    stored = {key for key, node in nodes.items() if node["config"]["materialized"] in ("incremental", "landed")}

    @functools.cache
    def of_macro(name: str) -> frozenset[str]:
        called = [each for each in macros[name]["depends_on"]["macros"] if each != name]
        own = re.findall(r"\bvar\('(\w+)'", macros[name]["macro_sql"])
        return frozenset(own).union(*(of_macro(each) for each in called if each.startswith("macro.plumbline.")))

    @functools.cache
    def of_model(key: str) -> frozenset[str]:
        node = nodes[key]
        called = [each for each in node["depends_on"]["macros"] if each.startswith("macro.plumbline.")]
        above = [each for each in node["depends_on"]["nodes"] if each in nodes and each not in stored]
        own = re.findall(r"\bvar\('(\w+)'", node["raw_code"])
        return frozenset(own).union(*map(of_macro, called), *map(of_model, above))

    settings = re.findall(r"'(\w+)'", macros["macro.plumbline.stored_variables"]["macro_sql"])
    assert len(settings) > 5
    assert set().union(*map(of_model, stored)) - set(settings) == NO_SETTINGS


def test_every_seed_that_stored_days_are_made_from_is_a_reference(manifest: Manifest) -> None:
    """What is overwritten by affected days is affected by a seed only where `log_references` follows that seed."""
    nodes = manifest["nodes"]

    @functools.cache
    def seeds(name: str) -> set[str]:
        if name not in nodes or name.endswith(".log_references"):
            return set()
        if nodes[name]["resource_type"] == "seed":
            return {nodes[name]["name"]}
        return set().union(*(seeds(parent) for parent in nodes[name]["depends_on"]["nodes"]))

    stored = [node["unique_id"] for node in models(manifest) if node["config"]["materialized"] == "incremental"]
    made_from = set().union(*(seeds(name) for name in stored))
    (log,) = (node for node in models(manifest) if node["name"] == "log_references")
    followed = {nodes[parent]["name"] for parent in log["depends_on"]["nodes"] if parent.startswith("seed.")}
    assert len(made_from) > 5
    assert made_from <= followed


def test_nothing_of_this_machine_is_in_the_project() -> None:
    import subprocess

    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.strip("\0").split("\0"):
        if name.endswith((".lock", ".png")) or name == str(Path(__file__).relative_to(ROOT)):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        for word in ("/" + "work/", "/" + "root/", "pypi" + ".org", "index" + "-url="):
            assert word not in text, f"{name}: {word}"


def test_schemas_are_as_such_in_prod_and_prefixed_elsewhere(new_project: Callable[..., Project]) -> None:
    for target, prefix in (("prod", ""), ("ci", "ci_")):
        project = new_project(f"target_{target}")
        assert project.dbt("parse", "--target", target).success
        nodes = json.loads((project.folder / "target" / "manifest.json").read_text())["nodes"].values()
        schemas = {node["schema"] for node in nodes}
        layers = ("staging", "arrival", "intermediate", "marts", "reports", "validation")
        assert schemas == {prefix + layer for layer in layers}
