"""dbt-duckdb plugin: which version of the code each model has, and which stored rows an earlier version wrote.

A version is a digest of all that decides what a model's rows are: its code, the macros it calls, the contract of the
landed table it reads, the Python it imports, and the versions of its parents. Seeds and variables are left out: a
changed seed touches its days, and int_settings guards the variables. Comments, docstrings, indentation and descriptions
are left out, too.
"""

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.clients.jinja import MacroGenerator

# What a contract says of codes is reference data, which touches days; the rest says nothing about rows.
NOT_IN_ROWS = {"values", "known_in", "refers_to", "personal", "fresh_within_days", "because"}
META = ("areas", "carry", "day", "grain")
STORED = ("incremental", "landed")
# What lists all landed tables. A model that reads each of them keeps the rows of a new one beside those of the others,
# and rebuilds the days of one whose own code changed: that reads its files again.
LISTS = {"landed_tables"}
# What a landed node calls outside its own SQL (macros/landing/landed.sql).
OF_LANDED = "base() version_log()"
PACKAGE = Path(__file__).parent

Node = Mapping[str, Any]


class Version(NamedTuple):
    """Digest of a model's own code, and of that with all its ancestors'."""

    own: str
    whole: str


def versions(graph: Mapping[str, Any], macros: Mapping[str, str]) -> dict[str, Version]:
    """The version of each stored model of dbt's `graph` and of all above it; `macros` has the macros' text by name."""
    everything = _models(graph)
    stored = [key for key, node in everything.items() if _is_stored(node)]
    models = {key: everything[key] for key in _reached(stored, _parents(everything))}
    parents = _parents(models)
    called = {name: _called(text, macros) for name, text in macros.items()}
    texts = {name: _digest(plain_sql(text)) for name, text in macros.items()}
    own = {key: _digest(*_parts(node, graph["sources"], called, texts)) for key, node in models.items()}
    whole: dict[str, str] = {}
    for key in TopologicalSorter(parents).static_order():
        of_all_tables = bool(LISTS & _reached(_called(models[key]["raw_code"], macros), called))
        above = [parent for parent in sorted(parents[key]) if not (of_all_tables and _is_landed(models[parent]))]
        whole[key] = _digest(own[key], *(whole[parent] for parent in above))
    return {key: Version(own[key], whole[key]) for key in models}


def mixed(
    graph: Mapping[str, Any],
    present: Mapping[str, Version],
    written: Mapping[str, str],
    selected: Collection[str],
    full_refresh: bool,
) -> list[str]:
    """Models with rows of another version that a run of `selected` would put beside rows of the present one.

    `written` has the version (`whole`) that wrote each relation in the warehouse, empty where unknown; tables without
    rows are left out of it.
    """
    models = _models(graph)
    chosen = set(selected) & set(models)

    def is_rebuilt(key: str) -> bool:
        given = models[key]["config"].get("full_refresh")
        return key in chosen and (not _is_stored(models[key]) or (full_refresh if given is None else given))

    other = {key for key, whole in written.items() if whole != present[key].whole}
    stale = {key for key in other if not is_rebuilt(key)}
    stored = {key for key in stale if _is_stored(models[key])}
    parents = _parents(models)
    children = _children(parents)
    found = stored & _reached(chosen, parents)
    # What replaces a version may not leave rows below that were made from the former one.
    found |= stored & _reached(chosen & other, children)
    # A stored model also keeps what views and tables above it say that are not built in this run.
    found |= stale & _reached({key for key in chosen if _is_stored(models[key])}, parents)
    return sorted(found)


def least_rebuild(
    graph: Mapping[str, Any], present: Mapping[str, Version], written: Mapping[str, str], changed: Collection[str]
) -> list[str]:
    """The changed models, where a full refresh of them and all below leaves no rows of another version; else none."""
    below = _reached(changed, _children(_parents(_models(graph))))
    return sorted(changed) if not mixed(graph, present, written, below, True) else []


def plain_sql(text: str) -> str:
    """SQL with Jinja, without the comments that are surely comments, and as one line."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    lines = []
    for line in text.splitlines():
        # A comment with Jinja in it says something to dbt, and where quotes follow, dashes may stand within a text.
        is_comment = line.lstrip().startswith("--") and not set(line) & set("{}")
        lines.append("" if is_comment else re.sub(r"\s--\s[^'\"{}]*$", "", line).strip())
    return " ".join(line for line in lines if line)


def plain_python(text: str) -> str:
    """Python without comments, docstrings and empty lines."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node, clean=False) is not None and first is not None:
                for row in range(first.lineno - 1, first.end_lineno or first.lineno):
                    lines[row] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _parts(
    node: Node, sources: Mapping[str, Node], called: Mapping[str, set[str]], texts: Mapping[str, str]
) -> Iterable[str]:
    """All that decides what rows a model has, but for its parents."""
    config = node["config"]
    meta = {name: config["meta"][name] for name in META if name in config["meta"]}
    yield repr((config["materialized"], config.get("incremental_strategy"), sorted(meta.items())))
    if node.get("language") == "python":
        yield plain_python(node["raw_code"])
        yield from _python_imported(_imports(node["raw_code"]))
    else:
        yield plain_sql(node["raw_code"])
    also = OF_LANDED if config["materialized"] == "landed" else ""
    names = _reached(_called(f"{node['raw_code']} {also}", texts), called) - LISTS
    yield from (f"{name} {texts[name]}" for name in sorted(names))
    yield from (_contract(sources[key]) for key in sorted(node["depends_on"]["nodes"]) if key in sources)


def called_macros(text: str, macros: Mapping[str, str]) -> set[str]:
    """Names of all macros that a text calls, and that those call; `macros` has their text by name."""
    return _reached(_called(text, macros), {name: _called(body, macros) - {name} for name, body in macros.items()})


def _called(text: str, macros: Collection[str]) -> set[str]:
    """Macros that a text calls, and those that answer for them on an engine."""
    names = set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)))
    return {name for name in macros if name in names or name.partition("__")[2] in names}


def _contract(source: Node) -> str:
    """What the contract of a landed table says about its rows."""
    columns = [
        (column["name"], column["data_type"], _rules(column["config"].get("meta", {})))
        for column in source["columns"].values()
    ]
    return repr((source["name"], _rules(source["config"]["meta"]), columns))


def _rules(meta: Any) -> Any:
    if isinstance(meta, Mapping):
        return [(name, _rules(value)) for name, value in sorted(meta.items()) if name not in NOT_IN_ROWS]
    return [_rules(value) for value in meta] if isinstance(meta, list | tuple) else meta


def _python_imported(imports: Iterable[str]) -> list[str]:
    """The code of modules of this package, and of those that they import."""
    found: dict[str, str] = {}
    todo = set(imports)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name], further = _module(name)
            todo |= further
    return [f"{name}\n{found[name]}" for name in sorted(found) if found[name]]


@cache
def _module(name: str) -> tuple[str, frozenset[str]]:
    """Code of a module of this package and what it imports; nothing where a name is that of a function."""
    place = PACKAGE.joinpath(*name.split(".")[1:])
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.exists():
            text = file.read_text()
            return plain_python(text), _imports(text)
    return "", frozenset()


def _imports(text: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in names if name.split(".")[0] == PACKAGE.name)


def _models(graph: Mapping[str, Any]) -> dict[str, Node]:
    return {key: node for key, node in graph["nodes"].items() if node["resource_type"] == "model"}


def _is_landed(node: Node) -> bool:
    return bool(node["config"]["materialized"] == "landed")


def _is_stored(node: Node) -> bool:
    return node["config"]["materialized"] in STORED


def _parents(models: Mapping[str, Node]) -> dict[str, set[str]]:
    return {key: {parent for parent in node["depends_on"]["nodes"] if parent in models} for key, node in models.items()}


def _children(parents: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {key: {child for child, above in parents.items() if key in above} for key in parents}


def _reached(first: Iterable[str], steps: Mapping[str, set[str]]) -> set[str]:
    """What there is on any way from `first` on, with itself."""
    found: set[str] = set()
    todo = list(first)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(steps[name])
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class Plugin(BasePlugin):
    """Answers macros/incremental/stored_versions.sql, to which dbt gives no other way to the text of macros."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Needs no configuration; versions are worked out once a run."""
        self.present: dict[str, Version] = {}
        self.empty: list[str] = []

    def store(self, target_config: TargetConfig) -> None:
        """Answer in what was asked: `present`, `empty`, and where `written` is given, `mixed` and `least`."""
        asked: dict[str, Any] = target_config.config
        if asked.get("is_start") or not self.present:
            macros: list[Any] = [
                value.macro for value in asked["context"].values() if isinstance(value, MacroGenerator)
            ]
            own = {macro.name: macro.macro_sql for macro in macros if macro.package_name == asked["project"]}
            self.present = versions(asked["graph"], own)
        if "written" in asked:
            given = (asked["written"], asked["selected"], asked["full_refresh"])
            asked["mixed"] = mixed(asked["graph"], self.present, *given)
            asked["least"] = least_rebuild(asked["graph"], self.present, asked["written"], asked["changed"])
        self.empty = asked.get("empty", self.empty)
        asked["present"] = {key: version._asdict() for key, version in self.present.items()}
        asked["empty"] = self.empty
