"""metrics.lock: which version of which metric says what, so that no definition changes unseen.

Three kinds of lines: a metric with its version and the hash of its definition; the slices that it allows, to which more
may be added without a new version; a model beneath metrics with the hash of its code, since whether a change of it
changes what they say is for its author to know. A last line seals the others.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.code_versions import called_macros, plain_python, plain_sql
from plumbline.governance.metrics import Metric

LINE = re.compile(r"(metric) (\w+) (\d+) ([0-9a-f]{64})\n|(slices) (\w+) ([\w,]+)\n|(model) (\w+) ([0-9a-f]{64})\n")
RESTORE = "restore it from version control (git checkout metrics.lock), then run plumbline metrics --lock"


@dataclass
class Lock:
    """The lines of a lock, by name."""

    metrics: dict[str, tuple[int, str]] = field(default_factory=dict)
    slices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)


def model_digests(root: Path, metrics: Iterable[Metric]) -> dict[str, str]:
    """By name of each model that a metric reads: a hash of its code and of the macros that it calls.

    `root` is the project. Comments and indentation are left out.
    """
    macros: dict[str, str] = {}
    for file in sorted((root / "macros").rglob("*.sql")):
        for text in re.findall(r"{%-? macro .*?endmacro", file.read_text(encoding="utf-8"), re.DOTALL):
            macros[re.split(r"[\s(]+", text.split("macro ", 1)[1], maxsplit=1)[0]] = text
    files = {file.stem: file for folder in ("models", "python_models") for file in (root / folder).rglob("*.*")}
    return {name: _digest(files[name], macros) for name in sorted(beneath(metrics)) if name in files}


def _digest(file: Path, macros: Mapping[str, str]) -> str:
    sources = [each for each in (file.with_suffix(".sql"), file.with_suffix(".py")) if each.exists()]
    text = sources[0].read_text(encoding="utf-8")
    code = plain_python(text) if sources[0].suffix == ".py" else plain_sql(text)
    parts = [code, *(plain_sql(macros[name]) for name in sorted(called_macros(text, macros)))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def beneath(metrics: Iterable[Metric]) -> dict[str, list[str]]:
    """The models that metrics read, each with the names of those metrics."""
    found: dict[str, list[str]] = {}
    for metric in metrics:
        names = {measure.model.removeprefix("ref('").removesuffix("')") for measure in metric.measures}
        if metric.meta.get("histogram"):
            names.add(metric.meta["histogram"]["model"])
        for name in names:
            found.setdefault(name, []).append(metric.name)
    return found


def lock_of(metrics: Iterable[Metric], models: Mapping[str, str]) -> str:
    """The text of metrics.lock; `models` has the digests of the models beneath."""
    metrics = list(metrics)
    lines = "".join(f"metric {metric.name} {metric.version} {metric.digest()}\n" for metric in metrics)
    lines += "".join(f"slices {metric.name} {','.join(_slices(metric))}\n" for metric in metrics)
    lines += "".join(f"model {name} {digest}\n" for name, digest in sorted(models.items()))
    return lines + _seal(lines)


def _slices(metric: Metric) -> tuple[str, ...]:
    return ("all", *sorted(metric.meta["allowed_slices"]))


def _seal(lines: str) -> str:
    return f"# {lines.count(chr(10))} lines, sha256 {hashlib.sha256(lines.encode()).hexdigest()}\n"


def read_lock(file: Path, *, is_new: bool = False) -> str:
    """The text of metrics.lock; with `is_new` that of an empty one, where there is none yet.

    Raises ValueError where there is none or a part of one, which a changed definition would pass, or one in spite of
    `is_new`.
    """
    if file.exists() and is_new:
        raise ValueError(f"{file} is there already: leave out --new")
    if is_new:
        return lock_of([], {})
    if not file.exists():
        raise ValueError(
            f"{file} is not there: restore it from version control (git checkout metrics.lock); for a project that"
            " never had one: plumbline metrics --lock --new"
        )
    # What is no text is no lock either.
    text = file.read_text(encoding="utf-8", errors="replace")
    _locked(text)
    return text


def _locked(text: str) -> Lock:
    """The lines of a lock.

    Raises ValueError for one that is not as `lock_of` writes it: what it lacks could change without a new version.
    """
    lines, lock = text.splitlines(keepends=True), Lock()
    if lines and re.fullmatch(r"# \d+ metrics, sha256 [0-9a-f]{64}\n", lines[-1]):
        raise ValueError(
            "metrics.lock is of an earlier release, which had no lines for slices and models: see there that plumbline"
            " metrics finds nothing to change, then remove it here and run plumbline metrics --lock --new"
        )
    if not lines or lines[-1] != _seal("".join(lines[:-1])):
        raise ValueError(f"metrics.lock: its last line does not seal the {len(lines)} lines that it has: {RESTORE}")
    for number, line in enumerate(lines[:-1], start=1):
        match = LINE.fullmatch(line)
        if not match:
            raise ValueError(f"metrics.lock, line {number}: no metric, slices or model: {RESTORE}")
        kind, name, *values = (group for group in match.groups() if group is not None)
        if name in vars(lock)[kind if kind == "slices" else f"{kind}s"]:
            raise ValueError(f"metrics.lock, line {number}: a {kind} that is there twice: {RESTORE}")
        if kind == "metric":
            lock.metrics[name] = int(values[0]), values[1]
        elif kind == "slices":
            lock.slices[name] = tuple(values[0].split(","))
        else:
            lock.models[name] = values[0]
    return lock


def changes_since(metrics: Iterable[Metric], models: Mapping[str, str], text: str) -> list[str]:
    """What differs from the lock `text` and may not, as sentences; empty when every change is in it.

    Raises ValueError where `text` is not whole.
    """
    metrics, locked = list(metrics), _locked(text)
    problems = []
    for metric in metrics:
        version, digest = locked.metrics.pop(metric.name, (0, ""))
        if metric.digest() == digest and metric.version != version:
            problems.append(f"{metric.name}: version {metric.version} says what {version} said")
        elif metric.digest() != digest and metric.version <= version:
            problems.append(
                f"{metric.name} is defined otherwise than version {version} was: give it version {version + 1}"
            )
        elif metric.digest() != digest:
            problems.append(f"{metric.name}: version {metric.version} is not in metrics.lock: plumbline metrics --lock")
        else:
            problems += _slice_changes(metric, locked.slices.get(metric.name, ()))
    gone = "is gone: say `status: deprecated` first, then plumbline metrics --lock"
    problems += [f"{name} {gone}" for name in locked.metrics]
    readers = beneath(metrics)
    problems += [
        f"{name} changed, which is beneath {', '.join(readers[name])}: give a new version to those that now say"
        " something else, then plumbline metrics --lock"
        for name, digest in models.items()
        if locked.models.get(name) != digest
    ]
    return problems


def _slice_changes(metric: Metric, locked: tuple[str, ...]) -> list[str]:
    gone = sorted(set(locked) - set(_slices(metric)))
    if gone:
        return [f"{metric.name} is no longer sliced by {', '.join(gone)}: give it version {metric.version + 1}"]
    if set(locked) != set(_slices(metric)):
        return [f"{metric.name} has slices that are not in metrics.lock: plumbline metrics --lock"]
    return []
