"""Compares the files of a landing with the ledger and with what earlier builds found.

One pass lists every file once. Problems are reported by file, and a build reads rows only when there are none.
"""

import datetime as dt
import fnmatch
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from plumbline.landing import ledger
from plumbline.landing.paths import check_landing_path
from plumbline.landing.shape import Shape, read_shapes, shape_problems

OWN_FOLDERS = ("_ledger", "_rejected", "_census")
OWN_FILES = ("truths.json",)
# Files without rows that tools leave beside Parquet: markers of Spark and of operating systems, checksums.
NO_ROWS = ("_SUCCESS", "_committed_*", "_started_*", ".*.crc", ".DS_Store", ".gitkeep", "Thumbs.db", "desktop.ini")
HALF_WRITTEN = re.compile(r"\.(tmp|temp|temporary|part|partial|inprogress|crdownload|filepart|swp)(\.|$)|~$", re.I)
BY_LAND = ".land.parquet"


@dataclass(frozen=True)
class LandedFile:
    """A Parquet file of the landing, as it was when a build first found it."""

    file: str
    """Path under the landing."""
    size: int
    modified_ns: int
    changed_ns: int
    sha256: str
    row_count: int = 0
    is_sample: bool | None = None
    """None for a file without rows."""
    columns: str = "{}"
    """JSON: the type of each top-level column, by its name in lower case."""
    batch: int | None = None
    """Batch of the build that first found it; none during that build."""

    @property
    def is_rejected(self) -> bool:
        """Whether it holds rows that `plumbline land` rejected."""
        return self.file.startswith("_rejected/")

    @property
    def table(self) -> str:
        """`source.table`."""
        source, table = self.file.removeprefix("_rejected/").split("/")[:2]
        return f"{source}.{table}"

    @property
    def landed_on(self) -> dt.date:
        """Day of arrival."""
        return dt.date.fromisoformat(self.file.split("landed_on=")[1][:10])


@dataclass(frozen=True)
class Rules:
    """What a landing is compared with."""

    tables: Mapping[str, Sequence[str]]
    """Columns of each table of the contract, by `source.table`."""
    ignored: Sequence[str] = ()
    latest: dt.date = dt.date.max
    """The last day on which a file may arrive."""
    accept_loss: bool = False
    default_source_system: str = "pipeline"


@dataclass
class Inventory:
    """The files of a landing, and every problem found with them."""

    files: dict[str, LandedFile] = field(default_factory=dict)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def take(root: Path, former: Mapping[str, LandedFile], rules: Rules) -> Inventory:
    """List the files under `root` and compare them with the ledger and with `former`, which the last build found.

    Args:
        root: The landing.
        former: Files by their path under the landing; a file is hashed again only if its size or times differ.
        rules: What the landing is compared with.

    Returns:
        The inventory. Its files may be read only if it has no problems.
    """
    found = Inventory()
    try:
        check_landing_path(root)
    except ValueError as error:
        found.problems.append(str(error))
        return found
    if "://" in str(root) or not root.is_dir():
        found.problems.append(
            f"{root}: no such folder; is PLUMBLINE_LANDING right? Land files first (plumbline land), or a sample"
            " (plumbline sample)"
        )
        return found
    with duckdb.connect(config={"threads": 2}) as connection:
        try:
            with ledger.committing(root):
                found.ledger = ledger.read(root, connection)
                _take_back(root, found, connection)
                listed = dict(_walk(root, rules, found))
        except ValueError as error:
            found.problems.append(str(error))
            return found
        _compare(root, listed, former, rules, found)
        _read_new(root, former, rules, found, connection)
    return found


def _take_back(root: Path, found: Inventory, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        for place in ledger.take_back(root, connection):
            found.warnings.append(f"{root / place}: removed; the call of plumbline land that wrote it was killed")
    except OSError as error:
        found.problems.append(f"{error.filename}: a call of plumbline land was killed and left it: remove it ({error})")


def _walk(root: Path, rules: Rules, found: Inventory) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every Parquet file in its place; anything else under the root is a problem."""
    folders: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while folders:
        folder, parts = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            found.problems.append(f"{folder}: cannot be read ({error.strerror}); its files would be missing")
            continue
        for entry in entries:
            names = (*parts, entry.name)
            path = "/".join(names)
            try:
                is_folder, status = entry.is_dir(), entry.stat()
            except OSError as error:
                found.problems.append(f"{root / path}: cannot be read ({error.strerror}); restore it or remove it")
                continue
            if _is_ignored(path, rules) or (names[0] in OWN_FOLDERS and names[0] != "_rejected"):
                continue
            problem = (_folder_problem if is_folder else _file_problem)(names, rules)
            if problem:
                found.problems.append(f"{root / path}: {problem}")
            elif is_folder:
                folders.append((Path(entry.path), names))
            elif entry.name.endswith(".parquet"):
                yield path, status


def _is_ignored(path: str, rules: Rules) -> bool:
    name = path.rsplit("/", 1)[-1]
    return any(fnmatch.fnmatchcase(path, mask) for mask in rules.ignored) or any(
        fnmatch.fnmatchcase(name, mask) for mask in NO_ROWS
    )


def _below(names: tuple[str, ...]) -> tuple[str, ...]:
    return names[1:] if names[0] == "_rejected" else names


def _folder_problem(names: tuple[str, ...], rules: Rules) -> str | None:
    """Why a folder does not belong to source/table/landed_on=YYYY-MM-DD; none if it does."""
    below = _below(names)
    if len(below) == 2 and f"{below[0]}.{below[1]}" not in rules.tables:
        return (
            f"{below[0]}.{below[1]} is no table of the contract, so it is not read: see docs/landing.md for the"
            " tables; move it away, or name it in the variable ignored_in_landing"
        )
    if len(below) == 3:
        return _day_problem(below[2], rules)
    if len(below) > 3:
        return "a folder below a day of arrival is not read; move its files up into the folder of the day"
    if len(below) == 1 and below[0].startswith((".", "_")):
        return "a hidden folder is not read; move it away"
    return None


def _day_problem(name: str, rules: Rules) -> str | None:
    word, equals, text = name.partition("=")
    if word != "landed_on" or not equals:
        return "is no day of arrival; call it landed_on=YYYY-MM-DD"
    try:
        day = dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        return f"{name} is no date (YYYY-MM-DD); rename the folder"
    if day > rules.latest:
        return (
            f"{name} lies in the future, files may arrive up to {rules.latest}: rename the folder; or set this"
            " machine's clock, or the variable landed_on_tolerance_days"
        )
    return None


def _file_problem(names: tuple[str, ...], rules: Rules) -> str | None:
    """Why a file is not read as source/table/landed_on=YYYY-MM-DD/name.parquet; none if it is."""
    name, below = names[-1], _below(names)
    if len(names) == 1 and name in OWN_FILES:
        return None
    if HALF_WRITTEN.search(name):
        return "looks half written; finish it and rename it, or remove it"
    if name.startswith((".", "_")):
        return "a hidden file is not read; rename it, or remove it"
    if not name.endswith(".parquet"):
        if name.lower().endswith(".parquet"):
            return "is not read because its ending has capitals; rename it to .parquet"
        return "is not Parquet, so it is not read; land it (plumbline land), or move it away"
    if len(below) != 4:
        return "lies outside a day of arrival; move it to <source>/<table>/landed_on=YYYY-MM-DD/"
    return None


def _compare(
    root: Path,
    listed: Mapping[str, os.stat_result],
    former: Mapping[str, LandedFile],
    rules: Rules,
    found: Inventory,
) -> None:
    """Fill `found.files`, and compare each file with what it was when it landed or was first found."""
    evidence = _evidence(found.ledger)
    for path, status in listed.items():
        present = _present(root, path, status, former.get(path))
        known = former.get(path)
        size, digest = (known.size, known.sha256) if known else evidence.get(path, (None, None))
        if path.endswith(BY_LAND) and path not in evidence:
            found.problems.append(
                f"{root / path}: the ledger names no call that wrote it; restore the ledger, or remove the file and"
                " land its source again"
            )
        elif digest is not None and (present.size, present.sha256) != (size, digest):
            _lost(
                f"{root / path}: differs from the file that {'an earlier build read' if known else 'was landed'}",
                rules,
                found,
            )
        found.files[path] = present
    gone = sorted((set(former) | set(evidence)) - set(listed) - _landed_again(found.ledger, listed))
    if gone and not listed and not rules.accept_loss:
        example = f"such as {root / gone[0]} (is PLUMBLINE_LANDING right?)"
        nothing = f"{root}: holds none of the {len(gone):,} files that were there, {example}"
        _lost(nothing, rules, found)
        return
    for path in gone:
        rows = f" ({former[path].row_count:,} rows)" if path in former else ""
        _lost(f"{root / path}: is gone{rows}", rules, found)


def _evidence(lines: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int | None, str | None]]:
    """Size and digest of each file in the ledger; none for lines of earlier versions, which did not keep them."""
    return {
        line[f"{what}_file"]: (line[f"{what}_size"], line[f"{what}_sha256"])
        for line in lines
        for what in ("landed", "rejected")
        if line[f"{what}_file"] is not None
    }


def _landed_again(lines: Sequence[Mapping[str, Any]], listed: Mapping[str, object]) -> set[str]:
    """Missing files whose rows are there all the same: their source landed again by the same mapping."""
    there, again = set(), set()
    for line in reversed(lines):
        source = (line["source_sha256"], line["mapping_digest"], line["source_table"])
        files = {line[f"{what}_file"] for what in ("landed", "rejected") if line[f"{what}_file"]}
        if source in there:
            again |= files
        elif files <= listed.keys():
            there.add(source)
    return again


def _lost(what: str, rules: Rules, found: Inventory) -> None:
    if rules.accept_loss:
        found.warnings.append(f"{what}: accepted")
    else:
        found.problems.append(f"{what}: restore it, or build without it: plumbline build --full-refresh --accept-loss")


def _present(root: Path, path: str, status: os.stat_result, known: LandedFile | None) -> LandedFile:
    """The file as it is now; it is hashed if it is new or if its size or times changed."""
    times = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if known and times == (known.size, known.modified_ns, known.changed_ns):
        return known
    digest = ledger.sha256(root / path)
    if known and digest == known.sha256:
        return replace(known, modified_ns=status.st_mtime_ns, changed_ns=status.st_ctime_ns)
    return LandedFile(path, *times, digest)


def _read_new(
    root: Path,
    former: Mapping[str, LandedFile],
    rules: Rules,
    found: Inventory,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Read the footers of new files: columns, rows, and whether the rows are of the sample."""
    new = [path for path, file in found.files.items() if path not in former or file.sha256 != former[path].sha256]
    shapes = read_shapes(connection, root, new, rules.default_source_system)
    for path, shape in shapes.items():
        if isinstance(shape, str):
            found.problems.append(f"{root / path}: cannot be read as Parquet ({shape}); replace it, or remove it")
            continue
        is_sample = max(shape.of_sample, default=None)
        found.files[path] = replace(
            found.files[path], row_count=shape.row_count, is_sample=is_sample, columns=shape.as_json()
        )
    whole = {path: shape for path, shape in shapes.items() if isinstance(shape, Shape) and path[:1] != "_"}
    by_table: dict[str, dict[str, Shape]] = {}
    for path, shape in whole.items():
        by_table.setdefault(found.files[path].table, {})[path] = shape
    for table, of_table in sorted(by_table.items()):
        problems, warnings = shape_problems(table, rules.tables[table], of_table)
        found.problems += [f"{root}/{problem}" for problem in problems]
        found.warnings += warnings
    kinds = {file.is_sample for file in found.files.values() if not file.is_rejected} - {None}
    kinds |= {kind for shape in whole.values() for kind in shape.of_sample}
    if len(kinds) > 1:
        found.problems.append(f"{root}: sample and real data share this landing; give each its own (PLUMBLINE_LANDING)")
