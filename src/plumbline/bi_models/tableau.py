"""A Tableau data source for each table: captions, folders, descriptions, and a calculated field for each metric.

A metric's field gives the one value that is left, and nothing where there are several, as in Power BI.
"""

import xml.etree.ElementTree as ET
from pathlib import PurePosixPath

from plumbline.bi_models.star import METRICS, Column, Measure, Star, Table

TYPES = {"text": "string", "boolean": "boolean", "whole": "integer", "exact": "real", "real": "real", "day": "date",
         "instant": "datetime"}  # fmt: skip
MEASURES = ("whole", "exact", "real")
INITIAL_SQL = "select set_config('plumbline.principal', [TableauServerUser], false)"
SERVER = {"server": "127.0.0.1", "port": "5432", "dbname": "marts", "username": "", "sslmode": "prefer"}


def tableau_files(star: Star, schema: str = "plumbline") -> dict[PurePosixPath, str]:
    """The text of each data source, by its path; `schema` is what readers call it."""
    return {PurePosixPath(f"{table.label}.tds"): _source(table, star, schema) for table in star.tables}


def _source(table: Table, star: Star, schema: str) -> str:
    root = ET.Element(
        "datasource", {"formatted-name": f"federated.{table.name}", "inline": "true", "version": "18.1",
                       "caption": table.label}
    )  # fmt: skip
    connection = ET.SubElement(root, "connection", {"class": "federated"})
    named = ET.SubElement(ET.SubElement(connection, "named-connections"), "named-connection", {"name": "postgres"})
    ET.SubElement(
        named,
        "connection",
        # A shared account says for whom it asks; for a person's own account it changes nothing.
        {"class": "postgres", "authentication": "username-password", "one-time-sql": INITIAL_SQL, **SERVER},
    )
    relation = {"connection": "postgres", "name": table.name, "table": f"[{schema}].[{table.name}]", "type": "table"}
    ET.SubElement(connection, "relation", relation)
    measures = star.measures if table.name == METRICS else ()
    for measure in measures:
        _measure(root, measure)
    for column in table.columns:
        _column(root, column)
    if measures:
        folders = ET.SubElement(root, "folders-common")
        for name in sorted({measure.folder for measure in measures}):
            folder = ET.SubElement(folders, "folder", {"name": name})
            for measure in measures:
                if measure.folder == name:
                    ET.SubElement(folder, "folder-item", {"name": f"[{measure.name}]", "type": "field"})
    ET.indent(root)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode") + "\n"


def _column(root: ET.Element, column: Column) -> None:
    is_measure = column.kind in MEASURES and not column.is_key
    made = ET.SubElement(
        root,
        "column",
        {
            "caption": column.label,
            "datatype": TYPES[column.kind],
            "name": f"[{column.name}]",
            "role": "measure" if is_measure else "dimension",
            "type": "quantitative" if is_measure else "ordinal" if column.kind in ("day", "instant") else "nominal",
            **({"hidden": "true"} if column.name == "build_id" else {}),
            # Never summed unasked: rows stand for several scopes, slices and grains.
            **({"aggregation": "Max"} if is_measure else {}),
        },
    )
    _describe(made, column.description)


def _measure(root: ET.Element, measure: Measure) -> None:
    shape = "p0.00%" if measure.unit == "share" else "n#,##0.00"
    made = ET.SubElement(
        root,
        "column",
        {"caption": measure.label, "datatype": "real", "name": f"[{measure.name}]", "role": "measure",
         "type": "quantitative", "default-format": shape},
    )  # fmt: skip
    own = f"IF [metric_id] = '{measure.name}' THEN [metric_value] END"
    ET.SubElement(made, "calculation", {"class": "tableau", "formula": f"IF COUNT({own}) = 1 THEN MAX({own}) END"})
    _describe(made, measure.description)


def _describe(element: ET.Element, text: str) -> None:
    if text:
        ET.SubElement(ET.SubElement(ET.SubElement(element, "desc"), "formatted-text"), "run").text = text
