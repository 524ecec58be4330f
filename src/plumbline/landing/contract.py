"""Reads the landing contract: contracts/<source>/<table>.yml, the same files that dbt reads as sources."""

import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Column:
    """A column of a landed table."""

    name: str
    type: str
    description: str
    nullable: bool = False
    personal: bool = False
    values: tuple[str, ...] = ()
    known_in: str | None = None
    """The seed that has its codes; one that is not there is `(unmapped)`."""
    refers_to: str | None = None
    """The seed that should have its codes; one that is not there stays as it is, and is counted."""


@dataclass(frozen=True)
class Rule:
    """A condition under which a row is impossible, or odd."""

    name: str
    when: str
    because: str


@dataclass(frozen=True)
class Contract:
    """What a landed table looks like: one file under contracts/."""

    source: str
    table: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    impossible: tuple[Rule, ...] = ()
    odd: tuple[Rule, ...] = ()
    event: str | None = None
    changed_at: tuple[str, ...] = ()
    """Of reference data without validity: the columns of which the first that is filled dates a version of a key."""

    @property
    def name(self) -> str:
        """`source.table`."""
        return f"{self.source}.{self.table}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def project_root() -> Path:
    """The dbt project that this package belongs to: `PLUMBLINE_PROJECT`, or where the package is installed from."""
    root = Path(os.environ.get("PLUMBLINE_PROJECT", Path(__file__).resolve().parents[3]))
    if not (root / "contracts").is_dir():
        raise FileNotFoundError(
            f"no contracts/ in {root}: run from a checkout of Plumbline, or set PLUMBLINE_PROJECT to one"
        )
    return root


@functools.cache
def project_variable(name: str) -> Any:
    """What dbt_project.yml says that a variable is.

    Raises:
        KeyError: when it names no such variable.
    """
    document = yaml.safe_load((project_root() / "dbt_project.yml").read_text(encoding="utf-8"))
    return document["vars"][name]


@functools.cache
def load_contract(source: str, table: str) -> Contract:
    """The contract of `source.table`.

    Raises:
        KeyError: when there is no such table; the message lists those there are.
    """
    file = project_root() / "contracts" / source / f"{table}.yml"
    # A name is a name: neither a path, nor that of a seed.
    if not (source.isidentifier() and table.isidentifier() and source != "seeds" and file.is_file()):
        known = ", ".join(contract.name for contract in load_contracts())
        raise KeyError(f"{source}.{table} is no table of the landing contract; there are: {known}")
    return _parse(yaml.safe_load(_rendered(file.read_text(encoding="utf-8"))))


def _rendered(text: str) -> str:
    """A contract with the variables that it names, as dbt reads it."""
    return re.sub(r"{{ var\('(\w+)'\) }}", lambda match: str(project_variable(match[1])), text)


def load_contracts() -> Iterator[Contract]:
    """Every landed table, by source and table."""
    for file in sorted((project_root() / "contracts").glob("*/*.yml")):
        if file.parent.name != "seeds":
            yield load_contract(file.parent.name, file.stem)


def _parse(document: dict[str, Any]) -> Contract:
    (source,) = document["sources"]
    (table,) = source["tables"]
    meta = table["config"]["meta"]
    columns = []
    for column in table["columns"]:
        extra = column.get("config", {}).get("meta", {})
        columns.append(
            Column(
                name=column["name"],
                type=column["data_type"].upper(),
                description=column["description"],
                nullable=extra.get("nullable", False),
                personal=extra.get("personal", False),
                values=tuple(extra.get("values", ())),
                known_in=extra.get("known_in"),
                refers_to=extra.get("refers_to"),
            )
        )
    return Contract(
        source=source["name"],
        table=table["name"],
        description=" ".join(table["description"].split()),
        key=tuple(meta["key"]),
        columns=tuple(columns),
        impossible=tuple(Rule(**rule) for rule in meta.get("impossible", ())),
        odd=tuple(Rule(**rule) for rule in meta.get("odd", ())),
        event=meta.get("event"),
        changed_at=tuple(meta.get("changed_at", ())),
    )
