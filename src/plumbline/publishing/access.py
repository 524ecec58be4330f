"""Reads access.yml: who may see which rows of what is published."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from plumbline.landing.naming import nearest_or_all

ALL = "all"
KINDS = {"vendors": "vendor", "markets": "market"}


@dataclass(frozen=True)
class Role:
    """A group of readers; a role of PostgreSQL that nobody logs in as."""

    name: str
    scopes: tuple[tuple[str, str], ...]
    """Kind (`all`, `vendor` or `market`) and member of each."""
    facts: bool = False
    """Whether it may read facts, which have one row an event and no minimum number of people."""

    @property
    def sees_all(self) -> bool:
        """Whether no row is kept from it."""
        return (ALL, ALL) in self.scopes


@dataclass(frozen=True)
class Principal:
    """A person, as tools and registers name them."""

    name: str
    roles: tuple[str, ...]
    login: str | None
    """The account of PostgreSQL that is theirs alone, if they have one."""
    granted_on: dt.date
    granted_by: str
    recertified_on: dt.date
    """When somebody last confirmed that they still need it; the day of the grant until then."""
    until: dt.date | None = None
    """The last day on which it holds."""


@dataclass(frozen=True)
class SharedAccount:
    """An account that a BI server uses for many people; each session says for whom, or sees nothing."""

    login: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Access:
    """All of access.yml."""

    roles: tuple[Role, ...]
    principals: tuple[Principal, ...]
    shared_accounts: tuple[SharedAccount, ...]
    recertify_after_days: int

    @property
    def logins(self) -> dict[str, tuple[str, ...]]:
        """Which roles each account of PostgreSQL is a member of."""
        own = {each.login: each.roles for each in self.principals if each.login}
        return own | {each.login: each.roles for each in self.shared_accounts}

    def on(self, day: dt.date) -> "Access":
        """Without the principals whose time was over before `day`."""
        held = tuple(each for each in self.principals if each.until is None or each.until >= day)
        return Access(self.roles, held, self.shared_accounts, self.recertify_after_days)

    def overdue(self, day: dt.date) -> list[Principal]:
        """Those whom nobody has confirmed for longer than `recertify_after_days`."""
        return [each for each in self.principals if (day - each.recertified_on).days > self.recertify_after_days]


def read_access(file: Path) -> Access:
    """Read access.yml.

    Raises:
        ValueError: with every mistake in it, a line each.
    """
    if not file.is_file():
        raise ValueError(f"no {file}: it says who may see what; docs/bi.md has an example")
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is not YAML: {error}") from None
    reader = _Reader()
    access = reader.access(given)
    if reader.mistakes:
        raise ValueError("\n  ".join([f"{file} is wrong:", *reader.mistakes]))
    return access


def unknown_members(access: Access, members: Mapping[str, Iterable[str]]) -> list[str]:
    """A message for each vendor or market of a role that no row has: a misspelt one would show nothing, in silence."""
    found = []
    for role in access.roles:
        for kind, name in role.scopes:
            known = sorted(members.get(kind, ()))
            if kind != ALL and name not in known:
                found.append(f"role {role.name}: there is no {kind} {name!r}{nearest_or_all(name, known)}")
    return found


class _Reader:
    """Collects mistakes, so that all of them are told at once."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def access(self, given: Any) -> Access:
        given = self.mapping("access.yml", given, {"roles", "principals", "shared_accounts", "recertify_after_days"})
        roles = tuple(self.role(name, said or {}) for name, said in self.mapping("roles", given.get("roles")).items())
        names = {role.name for role in roles}
        principals = tuple(self.principal(each, names) for each in given.get("principals") or ())
        accounts = tuple(self.account(each, names) for each in given.get("shared_accounts") or ())
        logins = [each.login for each in principals if each.login] + [each.login for each in accounts if each.login]
        for kind, all_names in (("principal", [each.name for each in principals]), ("login", [*logins, *names])):
            for name in sorted({name for name in all_names if all_names.count(name) > 1}):
                self.mistakes.append(f"{kind} {name} is named twice")
        return Access(roles, principals, accounts, self.days(given.get("recertify_after_days", 180)))

    def mapping(self, what: str, given: Any, keys: set[str] | None = None) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.mistakes.append(f"{what}: names with what is said of them are needed, not {given!r}")
            return {}
        for key in given.keys() - (keys or given.keys()):
            self.mistakes.append(f"{what}: {key!r} is not known{nearest_or_all(str(key), sorted(keys or ()))}")
        return given

    def role(self, name: str, given: Any) -> Role:
        given = self.mapping(f"role {name}", given, {"sees", "vendors", "markets", "facts"})
        said = [key for key in ("sees", "vendors", "markets") if given.get(key)]
        if len(said) != 1 or given.get("sees", ALL) != ALL:
            self.mistakes.append(f"role {name}: one of sees: all, vendors: [...] or markets: [...] is needed")
        scopes = [(KINDS[key], str(each)) for key in KINDS for each in given.get(key) or ()]
        return Role(name, ((ALL, ALL),) if given.get("sees") else tuple(scopes), bool(given.get("facts")))

    def roles_of(self, what: str, given: dict[str, Any], names: set[str]) -> tuple[str, ...]:
        roles = tuple(str(each) for each in given.get("roles") or ())
        if not roles:
            self.mistakes.append(f"{what}: roles are needed")
        for role in roles:
            if role not in names:
                self.mistakes.append(f"{what}: there is no role {role!r}{nearest_or_all(role, sorted(names))}")
        return roles

    def principal(self, given: Any, names: set[str]) -> Principal:
        keys = {"name", "roles", "login", "granted_on", "granted_by", "recertified_on", "until"}
        given = self.mapping("a principal", given, keys)
        what = f"principal {given.get('name')}"
        for key in ("name", "granted_on", "granted_by"):
            if not given.get(key):
                self.mistakes.append(f"{what}: {key} is needed")
        granted_on = self.day(what, given, "granted_on") or dt.date.min
        return Principal(
            name=str(given.get("name")),
            roles=self.roles_of(what, given, names),
            login=given.get("login"),
            granted_on=granted_on,
            granted_by=str(given.get("granted_by")),
            recertified_on=self.day(what, given, "recertified_on") or granted_on,
            until=self.day(what, given, "until"),
        )

    def account(self, given: Any, names: set[str]) -> SharedAccount:
        given = self.mapping("a shared account", given, {"login", "roles"})
        if not given.get("login"):
            self.mistakes.append("a shared account: login is needed")
        return SharedAccount(
            str(given.get("login") or ""), self.roles_of(f"shared account {given.get('login')}", given, names)
        )

    def day(self, what: str, given: dict[str, Any], key: str) -> dt.date | None:
        value = given.get(key)
        if value is not None and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
            self.mistakes.append(f"{what}: {key} is a day, YYYY-MM-DD, not {value!r}")
            return None
        return value

    def days(self, value: Any) -> int:
        if not isinstance(value, int) or value < 1:
            self.mistakes.append(f"recertify_after_days is a number of days, not {value!r}")
            return 180
        return value
