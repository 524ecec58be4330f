"""Who sees which rows of what is published, asked of a real PostgreSQL as each of them."""

import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from conftest import Project
from served import environment, publishes

from plumbline.publishing.local_server import LocalServer

pytestmark = pytest.mark.slow

ACCESS = """
roles:
  bi_reader: {sees: all}
  quality_lead: {sees: all, facts: true}
  vendor_northgate: {vendors: [northgate], facts: true}
  vendor_palmera: {vendors: [palmera]}
  region_latin_america: {markets: [BR, MX], facts: true}
principals:
  - {name: ana@example.com, login: ana, roles: [bi_reader], granted_on: 2026-01-05, granted_by: head}
  - {name: quinn@example.com, login: quinn, roles: [quality_lead], granted_on: 2026-01-05, granted_by: head}
  - {name: nora@northgate.example, login: nora, roles: [vendor_northgate], granted_on: 2026-01-05, granted_by: vm}
  - {name: pia@palmera.example, roles: [vendor_palmera], granted_on: 2026-01-05, granted_by: vm}
  - {name: lat@example.com, login: lat, roles: [region_latin_america], granted_on: 2026-01-05, granted_by: head}
  - {name: gone@example.com, login: gone, roles: [bi_reader], granted_on: 2026-01-05, granted_by: h, until: 2026-02-01}
  - {name: left@example.com, roles: [bi_reader], granted_on: 2026-01-05, granted_by: head, until: 2026-02-01}
shared_accounts:
  - {login: tableau, roles: [quality_lead]}
  - {login: portal, roles: [vendor_northgate]}
"""
LOGINS = ("ana", "quinn", "nora", "lat", "gone", "tableau", "portal", "stranger")
VENDOR, MARKETS = "northgate", ("BR", "MX")

# Of each table of which somebody sees a part: the rows of northgate, and of Brazil and Mexico.
EVERYONE_S = ("dim_date", "dim_language", "dim_metric", "dim_policy_version", "dim_queue", "dim_root_cause")
OF_A_VENDOR = {
    **dict.fromkeys(EVERYONE_S, "true"),
    "dim_market": "true",
    "dim_site": "site_id in ('lisbon', 'manila', '(unmapped)', '(automated)', '(unclaimed)')",
    "dim_vendor": "vendor_id = 'northgate'",
    "mart_quality_estimates": "scope_type = 'vendor' and scope = 'northgate'",
    "rpt_metric_values": "scope_type = 'vendor' and scope = 'northgate'",
    "rpt_vendor_review": "vendor = 'northgate'",
    **dict.fromkeys(("fct_appeals", "fct_decisions", "fct_tasks", "fct_verdicts"), "vendor_id = 'northgate'"),
}
OF_MARKETS = {
    **dict.fromkeys((*EVERYONE_S, "dim_site", "dim_vendor"), "true"),
    **dict.fromkeys(
        ("dim_market", "mart_appeals", "mart_backlog_daily", "mart_exposure", "fct_appeals", "fct_decisions",
         "fct_tasks", "fct_verdicts", "fct_user_reports", "fct_view_samples"), "market in ('BR', 'MX')",
    ),
    "mart_quality_estimates": "scope_type = 'market' and scope in ('BR', 'MX')",
    "rpt_metric_values": "scope_type = 'market' and scope in ('BR', 'MX')",
}  # fmt: skip


@dataclass
class Doors:
    """A database to which the tiny sample is published, and the accounts that come to it."""

    project: Project
    server: LocalServer
    database: str
    password: str
    access: Path

    def as_(self, login: str, principal: str | None = None) -> psycopg.Connection:
        dsn = self.server.dsn(user=login, password=self.password, database=self.database)
        connection = psycopg.connect(dsn, autocommit=True)
        if principal is not None:
            connection.execute("select set_config('plumbline.principal', %s, false)", [principal])
        return connection

    @property
    def owner(self) -> str:
        return self.server.dsn(database=self.database)

    def applies(self, text: str) -> subprocess.CompletedProcess[str]:
        """Access as `text` says it, by the command."""
        self.access.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "plumbline.cli", "access", "--apply", "--access", str(self.access)]
        return subprocess.run(command, env=environment(self.project, self.owner), capture_output=True, text=True)


@pytest.fixture(scope="module")
def doors(tiny: Project, server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    access = tmp_path_factory.mktemp("access") / "access.yml"
    access.write_text(ACCESS, encoding="utf-8")
    found = Doors(tiny, server, "doors", secrets.token_urlsafe(12), access)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create database doors")
        for login in LOGINS:
            connection.execute(f"create role {login} login password '{found.password}'")
    publishes(tiny, found.owner, "--facts", "--access", str(access))
    yield found
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("drop database doors with (force)")
        for login in LOGINS:
            connection.execute(f"drop role {login}")


def tables(doors: Doors) -> list[str]:
    with psycopg.connect(doors.owner) as connection:
        found = connection.execute(
            "select relname from pg_class where relnamespace = 'plumbline'::regnamespace and relkind = 'r'"
            " and relname not like 'access_%' order by 1"
        ).fetchall()
    return [str(name) for (name,) in found]


def warehouse_table(name: str) -> str:
    return f"dev_reports.{name}" if name.startswith("rpt_") else f"dev_marts.{name}"


def seen(connection: psycopg.Connection, names: Sequence[str]) -> dict[str, int | None]:
    """How many rows of each table are shown; None where the table is refused."""
    found: dict[str, int | None] = {}
    for name in names:
        try:
            ((found[name],),) = connection.execute(f"select count(*) from plumbline.{name}").fetchall()
        except psycopg.errors.InsufficientPrivilege:
            found[name] = None
    return found


def expected(doors: Doors, names: Sequence[str], parts: dict[str, str] | None, facts: bool) -> dict[str, int | None]:
    """What the warehouse has of it; all of a table where there are no parts."""
    found: dict[str, int | None] = dict.fromkeys(names)
    conditions = {
        name: "true" if parts is None else parts[name]
        for name in names
        if (facts or not name.startswith("fct_")) and (parts is None or name in parts)
    }
    counts = " union all ".join(
        f"select '{name}', count(*) from {warehouse_table(name)} where {where}" for name, where in conditions.items()
    )
    return found | dict(doors.project.query(counts))


@pytest.mark.parametrize(
    ("login", "parts", "facts"),
    [("ana", None, False), ("quinn", None, True), ("nora", OF_A_VENDOR, True), ("lat", OF_MARKETS, True)],
)
def test_each_sees_what_is_theirs_and_nothing_else(
    doors: Doors, login: str, parts: dict[str, str] | None, facts: bool
) -> None:
    names = tables(doors)
    wanted = expected(doors, names, parts, facts)
    with doors.as_(login) as own:
        assert seen(own, names) == wanted
        for name, rows in wanted.items():
            condition = (parts or {}).get(name, "true")
            if rows is not None:
                count = own.execute(f"select count(*) from plumbline.{name} where not ({condition})").fetchone()
                assert count == (0,), name
    if parts:
        assert all(wanted[name] for name in parts), "a check of no rows could not fail"


def test_somebody_without_a_role_sees_nothing(doors: Doors) -> None:
    for login in ("stranger", "gone"):
        with doors.as_(login) as own:
            assert set(seen(own, tables(doors)).values()) == {None}


def shown_while(doors: Doors, login: str, name: str, change: str, mend: str) -> tuple[int, int, int]:
    """Rows of a table that a login is shown before the owner changes something, meanwhile, and after it is mended."""
    with psycopg.connect(doors.owner, autocommit=True) as owner, doors.as_(login) as own:
        counts = []
        for statement in (None, change, mend):
            if statement:
                owner.execute(statement)
            counts.append(seen(own, [name])[name] or 0)
    return counts[0], counts[1], counts[2]


@pytest.mark.parametrize("name", [name for name, condition in OF_A_VENDOR.items() if condition != "true"])
def test_the_checks_find_a_table_without_its_policy(doors: Doors, name: str) -> None:
    table = f"alter table plumbline.{name}"
    before, meanwhile, after = shown_while(
        doors, "nora", name, f"{table} disable row level security", f"{table} enable row level security"
    )
    assert 0 < before < meanwhile
    assert after == before


def test_the_checks_find_a_shared_account_without_its_restriction(doors: Doors) -> None:
    name = "mart_queue_health"
    policy = f"principal on plumbline.{name}"
    before, meanwhile, after = shown_while(
        doors, "tableau", name, f"drop policy {policy}",
        f"create policy {policy} as restrictive for select using ((select plumbline.principal_sees_all()))",
    )  # fmt: skip
    assert before == after == 0 < meanwhile


def test_whose_time_is_over_sees_nothing_even_before_the_role_is_taken_away(doors: Doors) -> None:
    counts = {
        login: shown_while(
            doors, login, "mart_queue_health", f"grant bi_reader to {login}", f"revoke bi_reader from {login}"
        )
        for login in ("gone", "stranger")
    }
    assert counts["gone"] == (0, 0, 0)
    assert counts["stranger"][1] > 0, "anybody else with the role is shown it"


def test_a_shared_account_sees_nothing_until_a_session_names_somebody(doors: Doors) -> None:
    names = tables(doors)
    for principal in (None, "", "nobody@example.com", "left@example.com", "quality_lead", "tableau"):
        with doors.as_("tableau", principal) as own:
            assert set(seen(own, names).values()) == {0}, principal


@pytest.mark.parametrize(
    ("login", "principal", "parts"),
    [
        ("tableau", "quinn@example.com", None),
        ("tableau", "nora@northgate.example", OF_A_VENDOR),
        ("tableau", "lat@example.com", OF_MARKETS),
        ("portal", "quinn@example.com", OF_A_VENDOR),
        ("portal", "nora@northgate.example", OF_A_VENDOR),
    ],
)
def test_a_shared_account_sees_what_both_may(
    doors: Doors, login: str, principal: str, parts: dict[str, str] | None
) -> None:
    names = tables(doors)
    wanted = expected(doors, names, parts, facts=True)
    with doors.as_(login, principal) as own:
        found = seen(own, names)
    # The account reads tables of which the person sees no row.
    assert {name: rows for name, rows in found.items() if rows} == {name: rows for name, rows in wanted.items() if rows}


def test_who_have_nothing_in_common_see_nothing_but_what_is_everyone_s(doors: Doors) -> None:
    with doors.as_("portal", "pia@palmera.example") as own:
        found = seen(own, tables(doors))
    common = {*EVERYONE_S, "dim_market", "dim_site"}
    assert {name for name, rows in found.items() if rows} == common


def test_a_setting_changes_nothing_for_an_account_of_one_person(doors: Doors) -> None:
    names = tables(doors)
    with doors.as_("nora") as own:
        before = seen(own, names)
    for principal in ("ana@example.com", "pia@palmera.example", ""):
        with doors.as_("nora", principal) as own:
            assert seen(own, names) == before


LEAK = """
create function pg_temp.leak(text) returns boolean language plpgsql cost 0.0000001 as
$$ begin raise notice 'leaked %', $1; return true; end $$
"""


@pytest.mark.parametrize("login", ["nora", "portal"])
def test_a_vendor_finds_nothing_of_others_by_any_way_in(doors: Doors, login: str) -> None:
    said: list[str] = []
    with doors.as_(login, "nora@northgate.example") as own:
        own.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
        own.execute(LEAK)
        own.execute("select * from plumbline.rpt_vendor_review where pg_temp.leak(vendor)")
        assert set(said) == {"leaked northgate"}, "a function of one's own meets no hidden row"
        for expression in ("max(vendor)", "string_agg(distinct vendor, ',')", "min(vendor) over ()", "count(vendor)"):
            found = own.execute(f"select {expression} from plumbline.rpt_vendor_review").fetchone()
            assert "palmera" not in str(found)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation) as error:
            own.execute("select cast(vendor as int) from plumbline.rpt_vendor_review")
        assert "northgate" in str(error.value)
        with pytest.raises(psycopg.errors.DivisionByZero):
            own.execute(
                "select 1 / (case when vendor = 'northgate' then 0 else 1 end) from plumbline.rpt_vendor_review"
            )
        own.execute("select 1 / (case when vendor = 'palmera' then 0 else 1 end) from plumbline.rpt_vendor_review")
        assert own.execute("select * from pg_stats where schemaname = 'plumbline'").fetchall() == []
        own.execute("create temporary table mine as select * from plumbline.rpt_vendor_review")
        assert own.execute("select distinct vendor from mine").fetchall() == [("northgate",)]
        own.execute("create temporary view mine_too as select * from plumbline.rpt_vendor_review")
        assert own.execute("select distinct vendor from mine_too").fetchall() == [("northgate",)]
        own.execute("prepare kept as select distinct vendor from plumbline.rpt_vendor_review")
        assert own.execute("execute kept").fetchall() == [("northgate",)]
        own.execute("set row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("select * from plumbline.rpt_vendor_review")


@pytest.mark.parametrize(
    "statement",
    [
        "set role bi_reader", "set role vendor_palmera", "set role plumbline", "set session authorization plumbline",
        "select * from plumbline.mart_vendor_scorecard", "select * from plumbline.entitlements",
        "select * from plumbline.access_principals", "select * from plumbline.access_roles",
        "select * from plumbline.access_tables", "select * from plumbline__publishes.publishes",
        "select * from pg_catalog.pg_statistic", "select * from pg_authid", "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'true'", "copy plumbline.rpt_vendor_review to '/tmp/x'",
        "update plumbline.rpt_vendor_review set vendor = 'northgate'", "delete from plumbline.rpt_vendor_review",
        "truncate plumbline.rpt_vendor_review", "insert into plumbline.access_shared_accounts values ('nora')",
        "drop table plumbline.rpt_vendor_review", "alter table plumbline.rpt_vendor_review disable row level security",
        "drop policy account on plumbline.rpt_vendor_review", "create table plumbline.mine (n int)",
        "create table public.mine (n int)", "create schema mine", "alter schema plumbline rename to mine",
        "create or replace function plumbline.account_sees_all() returns boolean language sql as 'select true'",
        "grant bi_reader to nora", "create role mine",
        "do $$ begin lock table plumbline.rpt_vendor_review in exclusive mode; end $$",
    ],
)  # fmt: skip
def test_what_a_vendor_may_not_do(doors: Doors, statement: str) -> None:
    with doors.as_("nora") as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(statement)


def test_no_view_asks_as_its_owner(doors: Doors) -> None:
    with psycopg.connect(doors.owner) as connection:
        views = connection.execute(
            "select relname, reloptions from pg_class where relnamespace = 'plumbline'::regnamespace"
            " and relkind in ('v', 'm')"
        ).fetchall()
        open_tables = connection.execute(
            "select relname from pg_class where relnamespace = 'plumbline'::regnamespace and relkind = 'r'"
            " and not relrowsecurity and relname not in ('access_tables', 'access_shared_accounts')"
        ).fetchall()
    assert views
    assert all("security_invoker=true" in (options or []) for _, options in views)
    assert open_tables == []


def test_entitlements_name_each_member_that_somebody_sees(doors: Doors) -> None:
    with doors.as_("ana") as own:
        found = own.execute("select * from plumbline.entitlements").fetchall()
    of = {name: {(kind, member) for who, kind, member in found if who == name} for name, _, _ in found}
    assert of["nora@northgate.example"] == {("vendor", "northgate")}
    assert of["lat@example.com"] == {("market", "BR"), ("market", "MX")}
    assert {("all", "all"), ("vendor", "palmera"), ("market", "DE")} <= of["ana@example.com"]
    assert "left@example.com" not in of
    with doors.as_("tableau", "quinn@example.com") as own:
        assert own.execute("select count(distinct principal) from plumbline.entitlements").fetchone() == (len(of),)
    with doors.as_("tableau", "nora@northgate.example") as own:
        rows = own.execute("select * from plumbline.entitlements").fetchall()
    assert rows == [("nora@northgate.example", "vendor", "northgate")]
    with doors.as_("tableau") as own:
        assert own.execute("select * from plumbline.entitlements").fetchall() == []


def test_access_is_taken_away_without_a_publish_and_stays_away_after_a_rollback(doors: Doors) -> None:
    names = tables(doors)
    without = "\n".join(line for line in ACCESS.splitlines() if "login: nora" not in line)
    try:
        done = doors.applies(without)
        assert done.returncode == 0, done.stderr
        assert "nora is no longer vendor_northgate" in done.stdout
        with doors.as_("nora") as own:
            assert set(seen(own, names).values()) == {None}
        with doors.as_("tableau", "nora@northgate.example") as own:
            assert set(seen(own, names).values()) == {0}
        publishes(doors.project, doors.owner, "--facts", "--access", str(doors.access))
        publishes(doors.project, doors.owner, "--rollback", "--access", str(doors.access))
        with doors.as_("nora") as own:
            assert set(seen(own, names).values()) == {None}
    finally:
        done = doors.applies(ACCESS)
    assert "nora is now vendor_northgate" in done.stdout
    with doors.as_("nora") as own:
        assert seen(own, names) == expected(doors, names, OF_A_VENDOR, facts=True)


def test_the_register_says_who_has_what_since_when(doors: Doors) -> None:
    with doors.as_("quinn") as own:
        own.execute("select 1")
        done = doors.applies(ACCESS)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "vendor northgate" in lines["nora@northgate.example"]
    assert "2026-01-05" in lines["quinn@example.com"]
    assert lines["quinn@example.com"].rstrip()[-3:-2] == ":", "its account was seen"
    assert "2026-01-05, ended" in lines["left@example.com"]
    assert "nobody has confirmed quinn@example.com since 2026-01-05" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("vendors: [northgate]", "vendors: [northgat]"), "there is no vendor 'northgat' (the nearest is 'northgate')"),
        (("  bi_reader: {sees", "  ana: {sees"), "login ana is named twice"),
        (("login: ana", "login: plumbline"), "account plumbline is a superuser or the owner"),
        (("bi_reader", "stranger"), "role stranger may log in or has powers of its own"),
    ],
)
def test_what_no_policy_would_bind_is_refused(doors: Doors, change: tuple[str, str], said: str) -> None:
    doors.access.write_text(ACCESS.replace(*change), encoding="utf-8")
    command = [sys.executable, "-m", "plumbline.cli", "publish", "postgres", "--access", str(doors.access)]
    done = subprocess.run(
        command, env=environment(doors.project, doors.owner), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr


def test_whoever_publishes_needs_no_superuser(doors: Doors) -> None:
    """An owner that may create roles and nothing more; roles of its own, since others' are not its to grant."""
    names = ("bi_reader", "quality_lead", "vendor_northgate", "vendor_palmera", "region_latin_america")
    text = ACCESS
    for name in names:
        text = text.replace(name, f"own_{name}")
    doors.access.write_text(text, encoding="utf-8")
    with psycopg.connect(doors.server.dsn(), autocommit=True) as connection:
        connection.execute(f"create role loader login createrole password '{doors.password}'")
        connection.execute("create database owned owner loader")
    try:
        dsn = doors.server.dsn(user="loader", password=doors.password, database="owned")
        publishes(doors.project, dsn, "--access", str(doors.access))
        own = doors.server.dsn(user="nora", password=doors.password, database="owned")
        with psycopg.connect(own, autocommit=True) as connection:
            assert seen(connection, ["rpt_vendor_review"]) == expected(
                doors, ["rpt_vendor_review"], OF_A_VENDOR, facts=False
            )
            assert seen(connection, ["mart_queue_health"]) == {"mart_queue_health": None}
    finally:
        with psycopg.connect(doors.server.dsn(), autocommit=True) as connection:
            connection.execute("drop database owned with (force)")
            for name in names:
                connection.execute(f"drop role if exists own_{name}")
            connection.execute("drop role loader")
