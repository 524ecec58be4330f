"""access.yml: what it says is understood, and every mistake in it is told at once."""

import datetime as dt
from pathlib import Path

import pytest
from conftest import ROOT

from plumbline.publishing.access import ALL, read_access, unknown_members


def written(folder: Path, text: str) -> Path:
    file = folder / "access.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_project_s_own_is_read() -> None:
    access = read_access(ROOT / "access.yml")
    scopes = {role.name: role.scopes for role in access.roles}
    assert scopes["bi_reader"] == ((ALL, ALL),)
    assert scopes["region_latin_america"] == (("market", "BR"), ("market", "MX"))
    assert [role.name for role in access.roles if role.facts] == ["quality_lead"]
    assert access.logins["northgate_lead"] == ("vendor_northgate",)
    assert access.logins["tableau"] == ("bi_reader",)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
roles:
  none_said: {}
  both: {vendors: [v], markets: [m]}
  everything: {sees: everything}
  typed: {vendor: [v]}
principals:
  - {name: a, roles: [bot], granted_on: 2026-01-01, granted_by: b}
  - {name: a, roles: [both], granted_on: yesterday, granted_by: b, until: 2026-01-01 10:00:00}
  - {roles: [both], granted_on: 2026-01-01}
  - {name: c, granted_on: 2026-01-01, granted_by: b, login: l}
shared_accounts:
  - {login: l, roles: [both]}
  - {roles: [both]}
  - tableau
recertify_after_days: often
owners: []
""",
    )
    with pytest.raises(ValueError, match="is wrong") as error:
        read_access(file)
    said = str(error.value).splitlines()[1:]
    assert [line.strip() for line in said] == [
        "access.yml: 'owners' is not known (there are principals, recertify_after_days, roles, shared_accounts)",
        "role none_said: one of sees: all, vendors: [...] or markets: [...] is needed",
        "role both: one of sees: all, vendors: [...] or markets: [...] is needed",
        "role everything: one of sees: all, vendors: [...] or markets: [...] is needed",
        "role typed: 'vendor' is not known (the nearest is 'vendors')",
        "role typed: one of sees: all, vendors: [...] or markets: [...] is needed",
        "principal a: there is no role 'bot' (the nearest is 'both')",
        "principal a: granted_on is a day, YYYY-MM-DD, not 'yesterday'",
        "principal a: until is a day, YYYY-MM-DD, not datetime.datetime(2026, 1, 1, 10, 0)",
        "principal None: name is needed",
        "principal None: granted_by is needed",
        "principal c: roles are needed",
        "a shared account: login is needed",
        "a shared account: names with what is said of them are needed, not 'tableau'",
        "a shared account: login is needed",
        "shared account None: roles are needed",
        "principal a is named twice",
        "login l is named twice",
        "recertify_after_days is a number of days, not 'often'",
    ]


@pytest.mark.parametrize(("text", "said"), [("roles: [", "is not YAML"), ("- a", "names with what is said of them")])
def test_what_is_no_access_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_access(written(tmp_path, text))
    with pytest.raises(ValueError, match=r"no .*access\.yml"):
        read_access(tmp_path / "nowhere" / "access.yml")


def test_time_that_is_over_and_confirmation_that_is_due(tmp_path: Path) -> None:
    access = read_access(
        written(
            tmp_path,
            """
roles: {r: {vendors: [north]}}
principals:
  - {name: old, roles: [r], granted_on: 2026-01-01, granted_by: b, recertified_on: 2026-06-01, until: 2026-06-30}
  - {name: new, roles: [r], granted_on: 2026-06-01, granted_by: b}
recertify_after_days: 30
""",
        )
    )
    assert [each.name for each in access.on(dt.date(2026, 6, 30)).principals] == ["old", "new"]
    assert [each.name for each in access.on(dt.date(2026, 7, 1)).principals] == ["new"]
    assert [each.name for each in access.overdue(dt.date(2026, 7, 1))] == []
    assert [each.name for each in access.overdue(dt.date(2026, 7, 2))] == ["old", "new"]
    assert unknown_members(access, {"vendor": ["north"]}) == []
    assert unknown_members(access, {"vendor": ["south"]}) == [
        "role r: there is no vendor 'north' (the nearest is 'south')"
    ]
