"""Models of BI tools name only what is published, as it is published, and their metrics give the published values."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import ROOT, Project
from openpyxl.xml.functions import fromstring
from pbi_parsers import dax

from plumbline.bi_models.files import model_files, stale_files, write_models
from plumbline.bi_models.star import Star, humanised, read_star

pytestmark = pytest.mark.slow

DEFINITION = Path("powerbi/Plumbline.SemanticModel/definition")
TMDL_TYPES = {"VARCHAR": "string", "BOOLEAN": "boolean", "BIGINT": "int64", "INTEGER": "int64", "DOUBLE": "double",
              "DATE": "dateTime", "TIMESTAMP": "dateTime"}  # fmt: skip
TABLEAU_TYPES = {"VARCHAR": "string", "BOOLEAN": "boolean", "BIGINT": "integer", "INTEGER": "integer",
                 "DOUBLE": "real", "DATE": "date", "TIMESTAMP": "datetime"}  # fmt: skip


@pytest.fixture(scope="module")
def files(tiny: Project) -> dict[Path, str]:
    return model_files(tiny.folder / "target" / "manifest.json", ROOT)


@pytest.fixture(scope="module")
def columns(tiny: Project) -> dict[str, dict[str, str]]:
    """Of each table in the warehouse that is published, its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in tiny.query(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema in ('dev_marts', 'dev_reports')"
    ):
        found.setdefault(table, {})[column] = kind
    return found


def kind_of(types: dict[str, str], kind: str, decimal: str) -> str:
    return decimal if kind.startswith("DECIMAL") else types[kind]


def tmdl_tables(files: dict[Path, str]) -> dict[str, dict[str, Any]]:
    """By the name that readers see: the table it is read from, and its columns as source, type and sort column."""
    found = {}
    for path, text in files.items():
        if path.parent != DEFINITION / "tables":
            continue
        (name,) = re.findall(r"^table '?(.+?)'?$", text, re.MULTILINE)
        (item,) = re.findall(r'Item="(\w+)"', text)
        parts = re.split(r"^\tcolumn ", text, flags=re.MULTILINE)[1:]
        own = {}
        for part in parts:
            label = part.splitlines()[0].strip("'")
            said = dict(re.findall(r"^\t\t(\w+): (.+)$", part, re.MULTILINE))
            own[label] = (said["sourceColumn"], said["dataType"], said.get("sortByColumn", "").strip("'"))
        found[name] = {"item": item, "columns": own}
    return found


def wrong_in_powerbi(files: dict[Path, str], columns: dict[str, dict[str, str]]) -> list[str]:
    """Columns and tables that are not there or of another type, relationships and DAX that name what is not there."""
    tables, wrong = tmdl_tables(files), []
    for name, table in tables.items():
        own = columns.get(table["item"], {}) if name != "Entitlements" else None
        for label, (source, kind, sort_by) in table["columns"].items():
            if own is not None and (source not in own or kind_of(TMDL_TYPES, own[source], "decimal") != kind):
                wrong.append(f"{name}[{label}]: {source} {kind}")
            if sort_by and sort_by not in table["columns"]:
                wrong.append(f"{name}[{label}] sorts by {sort_by}")
    for ends in re.findall(r"(?:from|to)Column: '(.+?)'\.'(.+?)'$", files[DEFINITION / "relationships.tmdl"], re.M):
        if ends[1] not in tables.get(ends[0], {"columns": {}})["columns"]:
            wrong.append(f"relationship of {ends[0]}[{ends[1]}]")
    for name, expression in expressions(files):
        try:
            dax.to_ast(expression)
        except (AssertionError, ValueError):
            wrong.append(f"{name} does not parse")
        for quoted, bare, column in re.findall(r"(?:'([^']+)'|(\w+))\[([^\]]+)\]", expression):
            if column not in tables.get(quoted or bare, {"columns": {}})["columns"]:
                wrong.append(f"{name} names {quoted or bare}[{column}]")
    return wrong


def expressions(files: dict[Path, str]) -> list[tuple[str, str]]:
    """Every DAX expression, with what it is of."""
    measures = re.findall(r"^\tmeasure '(.+?)' = (.+)$", files[DEFINITION / "tables" / "Metric values.tmdl"], re.M)
    filters = re.findall(
        r"^\ttablePermission '?(.+?)'? = (.+)$", files[DEFINITION / "roles" / "As entitled.tmdl"], re.M
    )
    return [*measures, *filters]


def wrong_in_tableau(files: dict[Path, str], columns: dict[str, dict[str, str]]) -> list[str]:
    wrong = []
    for path, text in files.items():
        if path.parts[0] != "tableau":
            continue
        root = fromstring(text)
        relation = root.find(".//relation")
        assert relation is not None
        own = columns.get(relation.attrib["name"], {})
        named = {column.attrib["name"].strip("[]") for column in root.findall("column")}
        for column in root.findall("column"):
            name, formula = column.attrib["name"].strip("[]"), column.find("calculation")
            if formula is not None:
                fields = set(re.findall(r"\[(\w+)\]", formula.attrib["formula"]))
                wrong += [f"{path.stem}.{name} names {field}" for field in sorted(fields - own.keys())]
            elif name not in own or kind_of(TABLEAU_TYPES, own[name], "real") != column.attrib["datatype"]:
                wrong.append(f"{path.stem}.{name}: {column.attrib['datatype']}")
        for item in root.findall(".//folder-item"):
            if item.attrib["name"].strip("[]") not in named:
                wrong.append(f"{path.stem}: a folder has {item.attrib['name']}")
    return wrong


def test_the_files_are_those_of_the_manifest(files: dict[Path, str]) -> None:
    assert stale_files(files, ROOT / "bi") == [], "run dbt build and plumbline bi"


def test_powerbi_names_what_is_published_as_it_is(files: dict[Path, str], columns: dict[str, dict[str, str]]) -> None:
    assert wrong_in_powerbi(files, columns) == []
    assert len(expressions(files)) > 120


def test_tableau_names_what_is_published_as_it_is(files: dict[Path, str], columns: dict[str, dict[str, str]]) -> None:
    assert wrong_in_tableau(files, columns) == []


@pytest.mark.parametrize(
    ("path", "change", "wrong"),
    [
        ("tables/Queue review.tmdl", ("sourceColumn: queue\n", "sourceColumn: queues\n"), "Queue review[Queue]"),
        ("tables/Queue review.tmdl", ("dataType: string", "dataType: int64"), "Queue review[Queue]: queue int64"),
        ("tables/Date.tmdl", ("sortByColumn: 'Month of year'", "sortByColumn: 'Month'"), "sorts by Month"),
        ("relationships.tmdl", ("'Appeals'.'Queue ID'", "'Appeals'.'Queue'"), "relationship of Appeals[Queue]"),
        ("tables/Metric values.tmdl", ('"audit_accuracy"))', '"audit_accuracy")'), "Audit accuracy does not parse"),
        ("tables/Metric values.tmdl", ("[Metric value])", "[Value])"), "names Metric values[Value]"),
        ("roles/As entitled.tmdl", ("[Vendor ID]", "[Vendor]"), "names Site[Vendor]"),
    ],
)
def test_what_is_wrong_in_powerbi_is_found(
    files: dict[Path, str], columns: dict[str, dict[str, str]], path: str, change: tuple[str, str], wrong: str
) -> None:
    text = files[DEFINITION / path]
    assert change[0] in text
    found = wrong_in_powerbi({**files, DEFINITION / path: text.replace(*change)}, columns)
    assert any(wrong in each for each in found), found


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (("[metric_value] END", "[value] END"), "names value"),
        (('name="[metric_value]"', 'name="[value]"'), "Metric values.value"),
        (('name="[audit_accuracy]" type="field"', 'name="[audit]" type="field"'), "a folder has [audit]"),
    ],
)
def test_what_is_wrong_in_tableau_is_found(
    files: dict[Path, str], columns: dict[str, dict[str, str]], change: tuple[str, str], wrong: str
) -> None:
    path = Path("tableau/Metric values.tds")
    assert change[0] in files[path]
    found = wrong_in_tableau({**files, path: files[path].replace(*change)}, columns)
    assert any(wrong in each for each in found), found


def test_the_one_side_of_each_relationship_is_unique(tiny: Project) -> None:
    star = read_star(tiny.folder / "target" / "manifest.json", ROOT)
    targets = {(dimension, key) for table in star.tables for _, dimension, key in table.references}
    assert len(targets) > 5
    for dimension, key in targets:
        ((rows, members, known),) = tiny.query(
            f"select count(*), count(distinct {key}), count({key}) from dev_marts.{dimension}"
        )
        assert rows == members == known, dimension


def test_one_relationship_between_two_tables_is_in_use(files: dict[Path, str]) -> None:
    met = set()
    for part in files[DEFINITION / "relationships.tmdl"].split("\n\n"):
        ends = tuple(re.findall(r"(?:from|to)Column: '(.+?)'\.", part))
        if "isActive: false" not in part:
            assert ends not in met
            met.add(ends)


def value_of(ask: Callable[[str], list[tuple[Any, ...]]], expression: str, where: str) -> Any:
    return ask(f"select {expression} from rpt_metric_values where {where}")[0][0]


def test_metrics_give_the_published_value_and_nothing_of_several(files: dict[Path, str], tiny: Project) -> None:
    """The SQL of Ossie, and the formulas of Tableau and DAX written as SQL by their own text."""
    document = yaml.safe_load(files[Path("ossie/plumbline.ossie.yml")])
    tableau = dict(re.findall(r"IF COUNT\(IF \[metric_id\] = '(\w+)' THEN \[metric_value\] END\) = (1) THEN MAX",
                              files[Path("tableau/Metric values.tds")]))  # fmt: skip
    powerbi = re.findall(
        r"= CALCULATE\(SELECTEDVALUE\('Metric values'\[Metric value\]\),"
        r" KEEPFILTERS\('Metric values'\[Metric ID\] = \"(\w+)\"\)\)$",
        files[DEFINITION / "tables" / "Metric values.tmdl"], re.MULTILINE,
    )  # fmt: skip
    names = [metric["name"] for metric in document["metrics"]]
    assert sorted(names) == sorted(tableau) == sorted(powerbi)
    assert sorted(names) == [row[0] for row in tiny.query("select metric_id from dev_marts.dim_metric order by 1")]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tiny.warehouse}' as warehouse (read_only)")
        connection.execute("create table rpt_metric_values as from warehouse.dev_reports.rpt_metric_values")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        checked = 0
        for metric in document["metrics"]:
            ((expression,),) = [
                [each["expression"] for each in metric["expression"]["dialects"] if each["dialect"] == "ANSI_SQL"]
            ]
            some = ask(
                "select grain, scope_type, scope, slice_type, slice, period_start, metric_value from rpt_metric_values"
                f" where metric_id = '{metric['name']}' and metric_value is not null order by all limit 2"
            )
            for *place, value in some:
                cell = " and ".join(
                    f"{name} = '{value}'"
                    for name, value in zip(
                        ("grain", "scope_type", "scope", "slice_type", "slice", "period_start"), place, strict=True
                    )
                )
                assert value_of(ask, expression, cell) == value
                checked += 1
            if len(some) == 2:
                assert value_of(ask, expression, "true") is None
        assert checked > 100


def test_the_export_says_what_each_thing_is(files: dict[Path, str], columns: dict[str, dict[str, str]]) -> None:
    document = yaml.safe_load(files[Path("ossie/plumbline.ossie.yml")])
    assert document["version"] == "0.2.0.dev0"
    assert set(document) == {"version", "name", "description", "datasets", "relationships", "metrics"}
    datasets = {each["name"]: each for each in document["datasets"]}
    for name, dataset in datasets.items():
        fields = {field["name"] for field in dataset["fields"]}
        assert fields == columns[name].keys()
        assert set(dataset.get("primary_key", ())) <= fields
        assert all(field["description"] and field["datatype"] for field in dataset["fields"])
    for each in document["relationships"]:
        assert {field["name"] for field in datasets[each["from"]]["fields"]} >= set(each["from_columns"])
        assert datasets[each["to"]]["primary_key"] == each["to_columns"]
    for metric in document["metrics"]:
        assert "Numerator: " in metric["description"], metric["name"]
        assert "Denominator: none" not in metric["description"], metric["name"]


def test_names_are_read_as_they_are_said(tiny: Project) -> None:
    assert [humanised(name) for name in ("week_starting_on", "sla_seconds", "queue_id", "csat")] == [
        "Week starting on", "SLA seconds", "Queue ID", "CSAT",
    ]  # fmt: skip
    star: Star = read_star(tiny.folder / "target" / "manifest.json", ROOT)
    assert star.table("dim_date").label == "Date"
    assert not [table.name for table in star.tables if table.name.startswith("fct_")]


def test_a_model_that_is_gone_leaves_no_file(files: dict[Path, str], tmp_path: Path) -> None:
    write_models(files, tmp_path)
    assert stale_files(files, tmp_path) == []
    path = Path("tableau/Queue review.tds")
    fewer = {name: text for name, text in files.items() if name != path}
    assert write_models(fewer, tmp_path) == [path]
    assert not (tmp_path / path).exists()
    (tmp_path / "ossie" / "plumbline.ossie.yml").write_text("x", encoding="utf-8")
    assert stale_files(fewer, tmp_path) == [Path("ossie/plumbline.ossie.yml")]


def test_nothing_of_this_machine_or_secret_is_in_them(files: dict[Path, str]) -> None:
    for path, text in files.items():
        assert str(ROOT) not in text, path
        assert "password=" not in text.lower(), path
    assert json.loads(files[Path("powerbi/Plumbline.pbip")])["artifacts"] == [{"report": {"path": "Plumbline.Report"}}]


def test_every_renamed_column_is_announced(manifest: dict[str, Any]) -> None:
    announced = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", (ROOT / "CHANGELOG.md").read_text(), re.M))
    renamed = {
        (node["name"], column["config"]["meta"]["former_name"], name)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
        if "former_name" in column["config"]["meta"]
    }
    assert renamed <= announced
