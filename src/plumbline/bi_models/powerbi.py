"""A Power BI project as text: a semantic model in TMDL, with a measure for each metric and a role, and an empty report.

A measure gives the one value that is left, and nothing where there are several: values of scopes, slices and grains
stand in one table, and a sum or a mean over them is no figure of anything.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from plumbline.bi_models.star import METRICS, Column, Measure, Star, Table
from plumbline.publishing.relations import EVERYONE

NAME = "Plumbline"
MODEL = f"{NAME}.SemanticModel"
REPORT = f"{NAME}.Report"
ROLE = "As entitled"
ENTITLEMENTS = "Entitlements"
TYPES = {"text": "string", "boolean": "boolean", "whole": "int64", "exact": "decimal", "real": "double",
         "day": "dateTime", "instant": "dateTime"}  # fmt: skip
FORMATS = {"day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:nn:ss", "whole": "#,0", "exact": "#,0.00", "real": "#,0.00"}
UNITS = {"share": "0.00%", "coefficient": "0.000", "decisions": "#,0", "tasks": "#,0"}
PAGE = {"name": "page", "displayName": "Page 1", "width": 1280, "height": 720, "displayOption": 1, "config": "{}",
        "filters": "[]", "visualContainers": []}  # fmt: skip
PARAMETERS = {"PgServer": "127.0.0.1:5432", "PgDatabase": "marts", "PgSchema": "plumbline"}


def powerbi_files(star: Star) -> dict[PurePosixPath, str]:
    """The text of each file of the project, by its path."""
    definition = PurePosixPath(MODEL) / "definition"
    files = {
        PurePosixPath(f"{NAME}.pbip"): _json(
            {"version": "1.0", "artifacts": [{"report": {"path": REPORT}}], "settings": {"enableAutoRecovery": True}}
        ),
        PurePosixPath(REPORT) / "definition.pbir": _json(
            {"version": "4.0", "datasetReference": {"byPath": {"path": f"../{MODEL}"}}}
        ),
        PurePosixPath(REPORT) / "report.json": _json(
            {"config": '{"version":"5.59"}', "layoutOptimization": 0, "sections": [PAGE]}
        ),
        PurePosixPath(MODEL) / "definition.pbism": _json({"version": "4.2", "settings": {}}),
        definition / "database.tmdl": "database\n\tcompatibilityLevel: 1600\n",
        definition / "model.tmdl": _model(star),
        definition / "expressions.tmdl": "\n".join(
            f'expression {name} = "{value}" meta [IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]\n'
            for name, value in PARAMETERS.items()
        ),
        definition / "relationships.tmdl": "\n".join(_relationships(star)),
        definition / "roles" / f"{ROLE}.tmdl": _role(star),
        definition / "tables" / f"{ENTITLEMENTS}.tmdl": _entitlements(),
    }
    for folder, kind in ((MODEL, "SemanticModel"), (REPORT, "Report")):
        files[PurePosixPath(folder) / ".platform"] = _json(
            {"metadata": {"type": kind, "displayName": NAME}, "config": {"version": "2.0", "logicalId": _tag(kind)}}
        )
    for table in star.tables:
        files[definition / "tables" / f"{table.label}.tmdl"] = _table(table, star)
    return files


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _tag(*path: str) -> str:
    """The same identity for the same thing in each run, so that only what changed differs."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("plumbline", *path))))


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _model(star: Star) -> str:
    names = [ENTITLEMENTS, *(table.label for table in star.tables)]
    return (
        "model Model\n\tculture: en-US\n\tdefaultPowerBIDataSourceVersion: powerBI_V3\n\tdiscourageImplicitMeasures\n\n"
        + "\n".join(f"ref table {_quoted(name)}" for name in names)
        + f"\n\nref role {_quoted(ROLE)}\n"
    )


def _described(text: str, indent: str) -> str:
    return f"{indent}/// {text}\n" if text else ""


def _table(table: Table, star: Star) -> str:
    head = f"table {_quoted(table.label)}\n\tlineageTag: {_tag(table.name)}\n"
    parts = [_described(table.description, "") + head]
    if table.name == "dim_date":
        parts.append("\tdataCategory: Time\n")
    if table.name == METRICS:
        parts += [_measure(measure, table) for measure in star.measures]
    labels = {column.name: column.label for column in table.columns}
    parts += [_column(column, table, labels) for column in table.columns]
    parts.append(_partition(table.label, table.name))
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _measure(measure: Measure, table: Table) -> str:
    labels = {column.name: column.label for column in table.columns}
    values, metric = (f"{_quoted(table.label)}[{labels[name]}]" for name in ("metric_value", "metric_id"))
    return (
        _described(measure.description, "\t")
        + f"\tmeasure {_quoted(measure.label)} ="
        + f' CALCULATE(SELECTEDVALUE({values}), KEEPFILTERS({metric} = "{measure.name}"))\n'
        + f"\t\tformatString: {UNITS.get(measure.unit, '#,0.00')}\n"
        + f"\t\tdisplayFolder: {measure.folder}\n"
        + f"\t\tlineageTag: {_tag('measure', measure.name)}\n"
    )


def _column(column: Column, table: Table, labels: dict[str, str]) -> str:
    lines = [
        _described(column.description, "\t") + f"\tcolumn {_quoted(column.label)}",
        f"\t\tdataType: {TYPES[column.kind]}",
    ]
    if column.is_key:
        lines.append("\t\tisKey")
    # A member is shown by its dimension; which run wrote a row is for those who ask the database.
    if column.name == "build_id" or (column.refers_to and column.refers_to != "dim_date"):
        lines.append("\t\tisHidden")
    if column.kind in FORMATS:
        lines.append(f"\t\tformatString: {FORMATS[column.kind]}")
    lines += [
        f"\t\tlineageTag: {_tag(table.name, column.name)}",
        "\t\tsummarizeBy: none",
        f"\t\tsourceColumn: {column.name}",
    ]
    if column.sort_by:
        lines.append(f"\t\tsortByColumn: {_quoted(labels[column.sort_by])}")
    return "\n".join(lines) + "\n"


def _partition(label: str, item: str) -> str:
    return f"""
	partition {_quoted(label)} = m
		mode: import
		source =
				let
					Source = PostgreSQL.Database(PgServer, PgDatabase),
					Data = Source{{[Schema=PgSchema,Item="{item}"]}}[Data]
				in
					Data
"""


def _relationships(star: Star) -> Iterator[str]:
    for table in star.tables:
        labels = {column.name: column.label for column in table.columns}
        met: set[str] = set()
        for column, dimension, key in table.references:
            other = star.table(dimension)
            target = next(each.label for each in other.columns if each.name == key)
            # Of several days, the first dates a row: only one relationship between two tables can be in use.
            inactive = "\tisActive: false\n" if dimension in met else ""
            met.add(dimension)
            yield (
                f"relationship {_tag('relationship', table.name, column)}\n{inactive}"
                f"\tfromColumn: {_quoted(table.label)}.{_quoted(labels[column])}\n"
                f"\ttoColumn: {_quoted(other.label)}.{_quoted(target)}\n"
            )


def _entitlements() -> str:
    columns = [Column(name, name, "text", "", False, None, None) for name in ("principal", "scope_type", "scope")]
    table = Table("entitlements", ENTITLEMENTS, "", "Which members each person may see.", tuple(columns), (), {})
    labels = {column.name: column.label for column in columns}
    body = "\n".join(_column(column, table, labels).rstrip("\n") for column in columns)
    return (
        f"/// {table.description}\ntable {ENTITLEMENTS}\n\tisHidden\n\tlineageTag: {_tag('entitlements')}\n"
        f"{body}\n{_partition(ENTITLEMENTS, 'entitlements')}"
    )


def _role(star: Star) -> str:
    """Who opens the model sees what `entitlements` says of them; somebody whom it does not name sees nothing."""
    parts = [f"role {_quoted(ROLE)}\n\tmodelPermission: read\n"]
    own = f"{ENTITLEMENTS}[principal] = USERPRINCIPALNAME()"
    parts.append(f"\ttablePermission {ENTITLEMENTS} = {own}\n")
    for table in star.tables:
        terms = [f'{ENTITLEMENTS}[scope_type] = "all"', *_covered(table)]
        condition = f"{own} && ({' || '.join(terms)})"
        parts.append(f"\ttablePermission {_quoted(table.label)} = NOT(ISEMPTY(FILTER({ENTITLEMENTS}, {condition})))\n")
    return "\n".join(parts)


def _covered(table: Table) -> Iterable[str]:
    labels = {column.name: f"{_quoted(table.label)}[{column.label}]" for column in table.columns}
    for kind, column in table.scope.items():
        of_kind = f'{ENTITLEMENTS}[scope_type] = "{kind}"'
        if column == EVERYONE:
            yield of_kind
        elif column == "scope":
            yield f'({of_kind} && {labels["scope_type"]} = "{kind}" && {ENTITLEMENTS}[scope] = {labels["scope"]})'
        elif table.name.startswith("dim_"):
            # A member that is nobody's own, such as a site of several vendors.
            yield (f"({of_kind} && (ISBLANK({labels[column]}) || {ENTITLEMENTS}[scope] = {labels[column]}))")
        else:
            yield f"({of_kind} && {ENTITLEMENTS}[scope] = {labels[column]})"
