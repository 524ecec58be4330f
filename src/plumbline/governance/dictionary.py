"""docs/data_dictionary.md: every table that BI and analysts may read, as its YAML says it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

_INTRODUCTION = """# The data dictionary

Made by `make docs` from the YAML beside the models; a test fails when it is out of date. Facts (`fct_`) have a row an
event, dimensions (`dim_`) a row a member, marts (`mart_`) what is summed up for a page, reports (`rpt_`) what may be
published. Their contracts are enforced: a build fails rather than change a column. What metrics mean is in
[metric_catalogue.md](metric_catalogue.md), what lands in [landing.md](landing.md).

Instants are in UTC (`_at`), days (`_on`) those of the reporting time zone but for shifts. `(unmapped)` is a code that
nobody knows, `(automated)` stands for people where a machine decided, `(none)` for what was not given. Private tables
are of people and not for BI.
"""


def dictionary_page(models: Path) -> str:
    """The page as Markdown, from the folder `models` of the project: areas, their tables, the columns of each.

    Raises ValueError for a column whose description names a `doc` that no Markdown file under `models` has.
    """
    said = _said_once(models)
    parts = [_INTRODUCTION]
    for area, tables in _tables(models):
        parts.append(f"\n## {area.capitalize()}")
        for table in tables:
            parts.append(_section(table, said))
    return "\n".join(parts) + "\n"


def _tables(models: Path) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    folders = [*sorted(folder for folder in (models / "marts").iterdir() if folder.is_dir()), models / "reports"]
    for folder in folders:
        tables = []
        for file in sorted(folder.glob("*.yml")):
            for table in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
                sql = (folder / f"{table['name']}.sql").read_text(encoding="utf-8")
                tables.append({**table, "is_private": "access='private'" in sql})
        yield folder.name, tables


def _said_once(models: Path) -> dict[str, str]:
    block = re.compile(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", re.DOTALL)
    texts = (file.read_text(encoding="utf-8") for file in models.rglob("*.md"))
    return {name: text.strip() for page in texts for name, text in block.findall(page)}


def _section(table: dict[str, Any], said: dict[str, str]) -> str:
    meta = table.get("config", {}).get("meta", {})
    key = ", ".join(f"`{name}`" for name in meta.get("key", []))
    lines = [
        f"\n### {table['name']}{' (private)' if table['is_private'] else ''}\n",
        " ".join(table["description"].split()),
        f"\n{f'Key: {key}. ' if key else ''}Owner: {meta['owner']}.\n",
    ]
    lines.append("| column | type | |\n|---|---|---|")
    for column in table["columns"]:
        words = _described(column["description"], said, f"{table['name']}.{column['name']}")
        lines.append(f"| {column['name']} | {column['data_type']} | {words} |")
    return "\n".join(lines)


def _described(description: str, said: dict[str, str], column: str) -> str:
    named = re.fullmatch(r"\{\{ doc\('(\w+)'\) \}\}", description.strip())
    if named and named[1] not in said:
        raise ValueError(f"{column} is described by doc('{named[1]}'), which no file under models has")
    text = said[named[1]] if named else description
    return " ".join(text.split()).replace("|", "\\|")
