"""dbt-duckdb plugin: hands the salt of person keys to the session, and keeps what a build writes to its owner.

`PLUMBLINE_SALT` becomes a session variable, so that it appears in no compiled SQL, log, artifact or table. What the
warehouse stores to know the salt again is a slow digest (scrypt) with a nonce of its own.
"""

import functools
import hashlib
import itertools
import math
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from plumbline.private import keep_private, tighten, warn_of

LEAST_CHARACTERS = 16
LEAST_DIFFERENT = 8
# A key is sha256 of salt and id. Who knows one id tries salts as fast as hashes, 10^10 a second on a good graphics
# card: 2^64 take that card 58 years.
LEAST_BITS = 64
# Cost, block size and parallelism of scrypt: 32 MiB and about a tenth of a second a guess.
SCRYPT = (2**15, 8, 1)
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "yxcvbnm")


class Plugin(BasePlugin):
    """Sets what the models know of the salt, and the rights of what is written."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Needs no configuration. Comes before dbt opens the warehouse, which is made with the rights set here."""
        keep_private()
        warn_of(tighten(_written_by(Path(self.creds.path) if self.creds else None)))

    def configure_connection(self, conn: Any) -> None:
        """Make the slow digest known as a function, so that it is computed only where a query asks for it."""
        conn.create_function("plumbline_salt_check", salt_check, ["VARCHAR"], "VARCHAR", side_effects=True)

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variables by bound parameters, so that no statement carries the salt."""
        salt = os.environ.get("PLUMBLINE_SALT", "")
        cursor.execute("set variable plumbline_salt = $1", [salt])
        cursor.execute("set variable plumbline_salt_problem = $1", [salt_problem(salt)])


def salt_check(record: str) -> str:
    """What to store of the salt of this process: its digest with the nonce and cost of `record`; a new nonce for ''.

    The salt is the one that a record was made with where the result is the record.
    """
    parts = record.split("$")
    if len(parts) != 6 or parts[0] != "scrypt":
        cost, nonce = SCRYPT, secrets.token_hex(16)
    else:
        cost, nonce = (int(parts[1]), int(parts[2]), int(parts[3])), parts[4]
    return _record(os.environ.get("PLUMBLINE_SALT", ""), cost, nonce)


@functools.cache
def _record(salt: str, cost: tuple[int, int, int], nonce: str) -> str:
    n, r, p = cost
    digest = hashlib.scrypt(
        salt.encode(), salt=bytes.fromhex(nonce), n=n, r=r, p=p, maxmem=2 * 128 * n * r, dklen=32
    ).hex()
    return f"scrypt${n}${r}${p}${nonce}${digest}"


@functools.cache
def salt_problem(salt: str) -> str:
    """Why `salt` cannot protect the ids of people, in words that do not hold it; '' where it can."""
    if not salt:
        return "is not set"
    if len(salt) < LEAST_CHARACTERS:
        return f"has fewer than {LEAST_CHARACTERS} characters"
    if len(set(salt)) < LEAST_DIFFERENT:
        return f"has fewer than {LEAST_DIFFERENT} different characters"
    if strength(salt) < LEAST_BITS:
        return f"is easy to guess: by a low estimate it has {strength(salt):.0f} bits, and needs {LEAST_BITS}"
    return ""


def strength(salt: str) -> float:
    """Bits of a salt, by a rough and rather low estimate.

    What repeats counts once, and of a run on the keyboard, in the alphabet or of one character, its first two. Letters
    of one case, four or more in a row, are taken for a word at two bits a letter. Any other character counts log2 of
    how many it could have been: those of the kinds that occur, at most twice as many as do occur.
    """
    left = _without_runs(re.sub(r"(.+?)\1+", r"\1", salt, flags=re.DOTALL))
    words = [word for word in re.findall(r"[A-Z]?[a-z]{4,}|[A-Z]{4,}", left) if set(word.lower()) - set("abcdef")]
    lettered = sum(map(len, words))
    kinds = {r"[a-z]": 26, r"[A-Z]": 26, r"[0-9]": 10, r"[^a-zA-Z0-9]": 32}
    choices = min(sum(size for kind, size in kinds.items() if re.search(kind, left)), 2 * len(set(left)))
    return 2.0 * lettered + (len(left) - lettered) * math.log2(max(choices, 1))


def _without_runs(salt: str) -> str:
    kept, steps = salt[:1], 0
    for former, character in itertools.pairwise(salt):
        steps = steps + 1 if _is_step(former.casefold()[:1], character.casefold()[:1]) else 0
        kept += character if steps < 2 else ""
    return kept


def _is_step(former: str, character: str) -> bool:
    pairs = (former + character, character + former)
    return abs(ord(former) - ord(character)) <= 1 or any(pair in row for row in KEYBOARD for pair in pairs)


def _written_by(warehouse: Path | None) -> Iterator[Path]:
    """What dbt and an earlier build may have left with the rights of another umask; of a folder, only what is dbt's."""
    from dbt import flags

    given = flags.get_flags()
    project = Path(getattr(given, "PROJECT_DIR", None) or ".")
    target = project / (getattr(given, "TARGET_PATH", None) or "target")
    logs = project / (getattr(given, "LOG_PATH", None) or "logs")
    for pattern in ("*.json", "*.msgpack", "*.gpickle", "compiled", "run"):
        yield from target.glob(pattern)
    yield from logs.glob("dbt.log*")
    if warehouse is not None:
        yield from (Path(f"{warehouse}{ending}") for ending in ("", ".wal", ".people", ".people.wal"))
