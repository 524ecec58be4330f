"""Mappings: which columns of somebody's file make which columns of the landing contract.

A mapping is a YAML file: `description`, `parameters` (name: {description, default?}), `read` (see Reading), `names`
(see Name) and `branches`. A branch names a contract `table` and gives an SQL expression (DuckDB's) per contract column
in `columns`, or `columns: by_name`; `where` keeps rows, `order_by` says which of several rows of a key comes last and
so wins, `for_each` repeats the branch for each value of a name. `$name` stands for a parameter or a `for_each` value,
as text.

A tool that exports many tables has one mapping: `needs` names columns by which a branch knows its file, and of the
branches that a file has all columns for, those that need most are taken. `ignored` names in the same way the files that
nobody reads, each with the reason in `because`.
"""

import codecs
import hashlib
import itertools
import json
import string
from collections.abc import Collection, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from plumbline.landing.contract import Contract, load_contract
from plumbline.sandbox import RefusedError, check_expression, check_order

SHIPPED = Path(__file__).parent / "mappings"


class MappingError(ValueError):
    """A mapping that cannot be used; the message says where and what to do."""


# Delimiters by name, since a shell and YAML make a tab hard to write.
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True)
class Reading:
    """How a file is read; what is not given is told by the file's ending.

    `format`: csv, jsonl or parquet. `delimiter`: one character, or a name in DELIMITERS. `quote`: the quotation mark,
    or none where it is a character like any other. `escape`: how a quotation mark is written inside a quoted text:
    doubled; after a backslash, which is dropped (MySQL); or php, as PHP's fputcsv does: doubled, but not after a
    backslash, which stays. `match`: whether headers are matched as they are (exact), or whatever their case, spaces and
    punctuation (loose). `timestamp_formats`: how instants and days are written, in the words of strptime.
    """

    format: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    escape: str = "doubled"
    encoding: str = "utf-8-sig"
    skip_initial_space: bool = False
    null_values: tuple[str, ...] = ("",)
    timestamp_formats: tuple[str, ...] = ()
    match: str = "exact"


@dataclass(frozen=True)
class Name:
    """A column of the file under the name that expressions use, whichever of `headers` it has there.

    `words`: a key word, and other ways to say it: a cell that says one, whatever its case, spaces and punctuation, is
    read as the word. An optional column may be absent, and is null then.
    """

    headers: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_optional: bool = False


@dataclass(frozen=True)
class Branch:
    """One contract table that every row of the file becomes a row of."""

    contract: Contract
    expressions: dict[str, str] | None
    where: str | None = None
    order_by: str | None = None
    needs: frozenset[str] = frozenset()
    places: dict[str, str] = field(default_factory=dict)

    def at(self, column: str) -> str:
        """Where the mapping says what it says of `column`: `file:line:column: `."""
        return self.places.get(column, self.places.get("", ""))


@dataclass(frozen=True)
class Ignored:
    """Files that nobody reads, known by their columns, and why."""

    needs: frozenset[str]
    because: str


@dataclass(frozen=True)
class Mapping:
    """A mapping with its parameters filled in."""

    name: str
    source_system: str
    reading: Reading
    branches: tuple[Branch, ...]
    digest: str
    ignored: tuple[Ignored, ...] = ()
    names: tuple[tuple[str, Name], ...] = ()

    def fitting(self, columns: Collection[str]) -> list[Branch] | str:
        """The branches for a file with these columns, or why it is left alone.

        Raises:
            MappingError: when no branch fits.
        """
        all_of_them: list[Branch | Ignored] = [*self.branches, *self.ignored]
        fitting = [one for one in all_of_them if one.needs <= set(columns)]
        most = max((len(one.needs) for one in fitting), default=0)
        chosen = [one for one in fitting if len(one.needs) == most]
        if not chosen:
            wanted = sorted({f"{b.contract.name} ({', '.join(sorted(b.needs))})" for b in self.branches})
            raise MappingError(f"no branch of {self.name} knows a file by these columns; known are {'; '.join(wanted)}")
        ignored = [one.because for one in chosen if isinstance(one, Ignored)]
        return ignored[0] if ignored else [one for one in chosen if isinstance(one, Branch)]


def shipped_names() -> list[str]:
    """Names of the mappings that come with Plumbline."""
    return sorted(file.stem for file in SHIPPED.glob("*.yml"))


def load_mapping(name: str, parameters: AnyMapping[str, str], read: Sequence[tuple[str, str]] = ()) -> Mapping:
    """Load the mapping shipped as `name`, or the one at the path `name`, with `parameters` filled in.

    `read`: options of reading, before those of the mapping itself; a list is given by several of one name.

    Raises:
        MappingError: when there is none, or it cannot be used: an unknown key, table or column, a key column that is
            not mapped, a parameter that is missing or unknown, an expression that does not parse, an option of reading
            that there is not.
    """
    shipped = SHIPPED / f"{name}.yml"
    file = shipped if shipped.is_file() else Path(name)
    if not file.is_file():
        raise MappingError(f"{name} is neither a file nor a shipped mapping; those are: {', '.join(shipped_names())}")
    return _Parser(file, parameters, read).parse()


@dataclass(frozen=True)
class _Node:
    """A YAML value with the place it stands at."""

    value: Any
    place: str

    def items(self) -> list[tuple["_Node", "_Node"]]:
        return list(self.value)


class _Parser:
    def __init__(self, file: Path, parameters: AnyMapping[str, str], read: Sequence[tuple[str, str]]) -> None:
        self.file, self.text = file, file.read_text(encoding="utf-8")
        self.given, self.read = dict(parameters), list(read)

    def parse(self) -> Mapping:
        try:
            root = yaml.compose(self.text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f"{self.file}:{mark.line + 1}:{mark.column + 1}" if mark else str(self.file)
            raise MappingError(f"{where}: not YAML: {error.problem}") from None
        if root is None:
            raise MappingError(f"{self.file}: empty; a mapping has branches")
        document = self._known(
            self._node(root), {"description", "parameters", "read", "names", "branches", "ignored", "source_system"}
        )
        values = self._parameters(document.get("parameters"))
        reading = self._reading(document.get("read"))
        if "branches" not in document:
            raise MappingError(f"{self.file}: no branches; name at least one contract table")
        branches = [b for node in self._list(document["branches"]) for b in self._branches(node, values)]
        system = self._text(document["source_system"], values) if "source_system" in document else self.file.stem
        # The contract counts, too: what it rejected lands anew once it is mended.
        read_as = [self.text, json.dumps(values, sort_keys=True), *(repr(branch.contract) for branch in branches)]
        read_as += [repr(self.read)] if self.read else []
        digest = hashlib.sha256("\n".join(read_as).encode()).hexdigest()
        ignored = (
            tuple(self._ignored(node) for node in self._list(document["ignored"])) if "ignored" in document else ()
        )
        names = self._all_names(document["names"]) if "names" in document else ()
        return Mapping(self.file.stem, system, reading, tuple(branches), digest, ignored, names)

    # -- YAML with places ------------------------------------------------------------------------------------------

    def _node(self, node: yaml.Node) -> _Node:
        place = f"{self.file}:{node.start_mark.line + 1}:{node.start_mark.column + 1}: "
        if isinstance(node, yaml.MappingNode):
            return _Node([(self._node(k), self._node(v)) for k, v in node.value], place)
        if isinstance(node, yaml.SequenceNode):
            return _Node([self._node(v) for v in node.value], place)
        return _Node(None if node.tag.endswith(":null") else node.value, place)

    def _known(self, node: _Node, names: set[str]) -> dict[str, _Node]:
        if not isinstance(node.value, list) or any(not isinstance(item, tuple) for item in node.value):
            raise MappingError(f"{node.place}expected names with values: {', '.join(sorted(names))}")
        for key, _ in node.items():
            if key.value not in names:
                raise MappingError(f"{key.place}unknown key {key.value}; known here: {', '.join(sorted(names))}")
        return {key.value: value for key, value in node.items()}

    def _list(self, node: _Node) -> list[_Node]:
        if not isinstance(node.value, list) or any(isinstance(item, tuple) for item in node.value):
            raise MappingError(f"{node.place}expected a list")
        return node.value

    def _text(self, node: _Node, values: AnyMapping[str, str]) -> str:
        if not isinstance(node.value, str):
            raise MappingError(f"{node.place}expected a text")
        try:
            return string.Template(node.value).substitute(values)
        except KeyError as error:
            raise MappingError(f"{node.place}${error.args[0]} is no parameter and no for_each name") from None
        except ValueError:
            raise MappingError(f"{node.place}a lone $; write $$ for a dollar sign") from None

    # -- Sections --------------------------------------------------------------------------------------------------

    def _parameters(self, node: _Node | None) -> dict[str, str]:
        declared: dict[str, str | None] = {}
        for key, value in node.items() if node else []:
            settings = self._known(value, {"description", "default"})
            declared[key.value] = settings["default"].value if "default" in settings else None
        unknown = sorted(set(self.given) - set(declared))
        if unknown:
            known = ", ".join(declared) or "none"
            raise MappingError(f"{self.file}: --set {unknown[0]}: no such parameter; there are: {known}")
        values = {name: self.given.get(name, default) for name, default in declared.items()}
        missing = [name for name, value in values.items() if value is None]
        if missing:
            raise MappingError(f"{self.file}: parameter {missing[0]} has no value; add --set {missing[0]}=…")
        return {name: value for name, value in values.items() if value is not None}

    def _reading(self, node: _Node | None) -> Reading:
        given: dict[str, tuple[str, list[str]]] = {}
        options = {f.name for f in fields(Reading)}
        declared = self._known(node, options) if node is not None else {}
        for name, value in declared.items():
            items = value.value if isinstance(value.value, list) else [value]
            given[name] = value.place, [item.value or "" for item in items]
        for name in dict(self.read):
            if name not in options:
                raise MappingError(f"--read {name}: no option of reading; there are: {', '.join(sorted(options))}")
            given[name] = f"--read {name}: ", [value for other, value in self.read if other == name]
        return Reading(**{name: _option(name, values, place) for name, (place, values) in given.items()})

    def _all_names(self, node: _Node) -> tuple[tuple[str, Name], ...]:
        return tuple((name, self._name(name, value)) for name, value in self._known_any(node).items())

    def _name(self, name: str, node: _Node) -> Name:
        """A list of headers, or headers, words and optional by name; a name is a header of its own."""
        if isinstance(node.value, list) and not any(isinstance(item, tuple) for item in node.value):
            return Name(tuple(self._texts(node)) or (name,))
        parts = self._known(node, {"headers", "words", "optional"}) if node.value is not None else {}
        words = self._known_any(parts["words"]) if "words" in parts else {}
        return Name(
            tuple(self._texts(parts["headers"])) if "headers" in parts else (name,),
            tuple((word, tuple(self._texts(others))) for word, others in words.items()),
            "optional" in parts and parts["optional"].value == "true",
        )

    def _texts(self, node: _Node) -> list[str]:
        return [self._text(item, {}) for item in self._list(node)]

    def _ignored(self, node: _Node) -> Ignored:
        parts = self._known(node, {"needs", "because"})
        for name in ("needs", "because"):
            if name not in parts:
                raise MappingError(f"{node.place}what is ignored needs {name}")
        return Ignored(self._names(parts["needs"]), self._text(parts["because"], {}))

    def _names(self, node: _Node) -> frozenset[str]:
        return frozenset(self._texts(node))

    def _branches(self, node: _Node, values: dict[str, str]) -> list[Branch]:
        parts = self._known(node, {"table", "columns", "where", "order_by", "for_each", "needs"})
        for name in ("table", "columns"):
            if name not in parts:
                raise MappingError(f"{node.place}a branch needs {name}")
        loops = self._known_any(parts["for_each"]) if "for_each" in parts else {}
        lists = {name: [item.value for item in self._list(value)] for name, value in loops.items()}
        return [
            self._branch(parts, node, {**values, **dict(zip(lists, combination, strict=True))})
            for combination in itertools.product(*lists.values())
        ]

    def _known_any(self, node: _Node) -> dict[str, _Node]:
        if not isinstance(node.value, list) or any(not isinstance(item, tuple) for item in node.value):
            raise MappingError(f"{node.place}expected names with values")
        return {key.value: value for key, value in node.items()}

    def _branch(self, parts: dict[str, _Node], node: _Node, values: dict[str, str]) -> Branch:
        name = self._text(parts["table"], values)
        source, _, table = name.partition(".")
        try:
            contract = load_contract(source, table)
        except KeyError as error:
            raise MappingError(f"{parts['table'].place}{error.args[0]}") from None
        where, order_by = (self._text(parts[k], values) if k in parts else None for k in ("where", "order_by"))
        for name, clause in (("where", where), ("order_by", order_by)):
            if clause is not None:
                self._check_sql(clause, parts[name], name)
        places = {"": node.place}
        needs = self._names(parts["needs"]) if "needs" in parts else frozenset()
        if parts["columns"].value == "by_name":
            return Branch(contract, None, where, order_by, needs, places)
        if not isinstance(parts["columns"].value, list):
            raise MappingError(f"{parts['columns'].place}columns: give an expression per column, or by_name")
        expressions: dict[str, str] = {}
        for key, value in parts["columns"].items():
            if key.value not in contract.column_names:
                known = ", ".join(contract.column_names)
                raise MappingError(f"{key.place}{contract.name} has no column {key.value}; it has: {known}")
            expressions[key.value] = self._text(value, values)
            self._check_sql(expressions[key.value], value, key.value)
            places[key.value] = value.place
        for column in contract.columns:
            if not column.nullable and column.name not in expressions:
                kind = "key column" if column.name in contract.key else "column"
                raise MappingError(f"{parts['columns'].place}{contract.name}: {kind} {column.name} is not mapped")
        return Branch(contract, expressions, where, order_by, needs, places)

    @staticmethod
    def _check_sql(expression: str, node: _Node, name: str) -> None:
        try:
            (check_order if name == "order_by" else check_expression)(expression)
        except RefusedError as error:
            raise MappingError(f"{node.place}{name}: {error}: {' '.join(expression.split())}") from None


_CHOICES = {
    "format": ("csv", "jsonl", "parquet"),
    "escape": ("doubled", "backslash", "php"),
    "match": ("exact", "loose"),
    "skip_initial_space": ("true", "false"),
}


def _option(name: str, values: list[str], place: str) -> Any:
    """The value of an option of reading, from the texts that were given for it.

    Raises:
        MappingError: when it cannot have that value; the message begins with `place`.
    """
    if name in ("null_values", "timestamp_formats"):
        return tuple(values)
    if len(values) != 1:
        raise MappingError(f"{place}{name}: one value, not {len(values)}")
    (value,) = values
    if name in _CHOICES and value not in _CHOICES[name]:
        raise MappingError(f"{place}{name} {value}; known: {', '.join(_CHOICES[name])}")
    if name == "delimiter":
        value = DELIMITERS.get(value, value)
    if name == "delimiter" and (len(value) != 1 or value in '"\\\r\n\0'):
        raise MappingError(f"{place}delimiter {value!r}: one character, or one of {', '.join(DELIMITERS)}")
    if name == "quote" and value != "none" and (len(value) != 1 or value in "\\\r\n\0"):
        raise MappingError(f"{place}quote {value!r}: one character, or none")
    if name == "encoding":
        try:
            codecs.lookup(value)
        except LookupError:
            raise MappingError(f"{place}encoding {value}: none that Python knows") from None
    return value == "true" if name == "skip_initial_space" else value
