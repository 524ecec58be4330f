"""Row-level security of a published schema: policies that read who may see what from tables beside them.

A row is shown when two conditions hold. First, a role of the account that logged in covers it. Second, for an account
that a BI server shares, a role of the person whom the session names covers it too; a session that names nobody sees
nothing. So a name can only take rows away. Policies name no roles: access changes without a new publish, and a version
that is brought back gets the access of today.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from adbc_driver_manager.dbapi import Cursor

from plumbline.landing.casts import literal
from plumbline.landing.read import quoted
from plumbline.publishing.access import ALL, Access, Role
from plumbline.publishing.relations import EVERYONE, Relation

SETTING = "plumbline.principal"
# Name, columns and what they say.
TABLES = {
    "access_roles": ("role text not null, scope_type text not null, scope text not null", "Which rows a role may see."),
    "access_principals": (
        "principal text not null, role text not null, login text, granted_on date not null, granted_by text not null,"
        " recertified_on date not null, until date",
        "Who has which role, since when, and who granted it.",
    ),
    "access_shared_accounts": ("login text not null", "Accounts whose sessions say for whom they ask."),
    "access_tables": (
        "table_name text not null, scope_type text not null, is_fact boolean not null",
        "Which tables have rows for roles of which kind.",
    ),
}
HELD = "(until is null or until >= current_date)"


class AccessError(ValueError):
    """Access cannot be given as access.yml says; the message says why and what to do."""


def install(cursor: Cursor, schema: str, relations: Sequence[Relation]) -> None:
    """Make tables, functions and policies; nobody but the owner sees anything until `apply`."""
    own = quoted(schema)
    for name, (columns, said) in TABLES.items():
        cursor.execute(f"create table {own}.{name} ({columns})")
        cursor.execute(f"comment on table {own}.{name} is {literal(said)}")
    for name, returns, body in _functions(own):
        cursor.execute(
            f"create function {own}.{name} returns {returns} language sql stable security definer"
            f" set search_path = pg_catalog, pg_temp begin atomic {body}; end"
        )
        cursor.execute(f"revoke all on function {own}.{name} from public")
    for relation in relations:
        for statement in _policies(own, relation):
            cursor.execute(statement)
        for kind in (ALL, *relation.scope):
            is_fact = relation.name.startswith("fct_")
            cursor.execute(
                f"insert into {own}.access_tables values ({literal(relation.name)}, {literal(kind)}, {is_fact})"
            )
    cursor.execute(_entitlements(own, {relation.name for relation in relations}))
    cursor.execute(f"comment on view {own}.entitlements is 'Which members each person may see: for row filters in BI.'")
    # Under the view, which asks as its reader does.
    own_name = f"principal = current_setting('{SETTING}', true)"
    for name, of_person in (
        ("access_principals", own_name),
        ("access_roles", f"role in (select role from {own}.access_principals where {own_name})"),
    ):
        cursor.execute(f"alter table {own}.{name} enable row level security")
        cursor.execute(
            f"create policy account on {own}.{name} for select using ((select {own}.account_sees_all())"
            f" and ((select {own}.principal_sees_all()) or {of_person}))"
        )


def apply(cursor: Cursor, schema: str, access: Access, today: dt.date) -> list[str]:
    """Give roles, memberships and scopes as access.yml says, and take away what it does not say.

    Returns:
        What was granted and revoked, and whose account does not exist.

    Raises:
        AccessError: where a role or account exists that no policy would bind.
    """
    own, held = quoted(schema), access.on(today)
    cursor.execute(f"select distinct role from {own}.access_roles")
    gone = {str(row[0]) for row in cursor.fetchall()} - {role.name for role in access.roles}
    rows: dict[str, list[tuple[object, ...]]] = {
        "access_roles": [(role.name, *scope) for role in access.roles for scope in role.scopes],
        "access_principals": [
            (each.name, role, each.login, each.granted_on, each.granted_by, each.recertified_on, each.until)
            for each in access.principals
            for role in each.roles
        ],
        "access_shared_accounts": [(each.login,) for each in access.shared_accounts],
    }
    for name, values in rows.items():
        cursor.execute(f"delete from {own}.{name}")
        for row in values:
            said = ", ".join("null" if value is None else literal(str(value)) for value in row)
            cursor.execute(f"insert into {own}.{name} values ({said})")
    for role in access.roles:
        _make(cursor, role.name)
    for name in (*gone, *(role.name for role in access.roles)):
        cursor.execute(f"revoke all on all tables in schema {own} from {quoted(name)}")
        cursor.execute(f"revoke all on schema {own} from {quoted(name)}")
    for role in access.roles:
        for statement in _grants(cursor, own, role):
            cursor.execute(statement)
    return list(_memberships(cursor, access, held))


def _functions(own: str) -> Iterator[tuple[str, str, str]]:
    """Name, type and body of each function: what the account's roles cover, and what the session's person's."""
    ended = f"exists (select 1 from {own}.access_principals where login = session_user and not {HELD})"
    account = (
        f"from {own}.access_roles where pg_has_role(session_user, cast(role as name), 'member') and not {ended}"
        " and scope_type = "
    )
    shared = f"exists (select 1 from {own}.access_shared_accounts where login = session_user)"
    principal = (
        f"from {own}.access_roles inner join {own}.access_principals using (role)"
        f" where principal = current_setting('{SETTING}', true) and {HELD} and scope_type = "
    )
    members = "select coalesce(array_agg(scope), '{}')"
    yield "account_sees_all()", "boolean", f"select exists (select 1 {account}'{ALL}')"
    yield "account_members(kind text)", "text[]", f"{members} {account}kind"
    yield "principal_sees_all()", "boolean", f"select not {shared} or exists (select 1 {principal}'{ALL}')"
    yield "principal_members(kind text)", "text[]", f"{members} {principal}kind"


def _policies(own: str, relation: Relation) -> Iterator[str]:
    table = f"{own}.{quoted(relation.name)}"
    yield f"alter table {table} enable row level security"
    for side, kind in (("account", "permissive"), ("principal", "restrictive")):
        yield f"create policy {side} on {table} as {kind} for select using ({_condition(own, relation, side)})"


def _condition(own: str, relation: Relation, side: str) -> str:
    """Which rows the roles of one side cover. Functions stand in subqueries, so that they run once a statement."""
    terms = [f"(select {own}.{side}_sees_all())"]
    for kind, column in relation.scope.items():
        members = f"cast((select {own}.{side}_members('{kind}')) as text[])"
        has_any = f"cardinality({members}) > 0"
        if column == EVERYONE:
            terms.append(has_any)
        elif column == "scope":
            terms.append(f"scope_type = '{kind}' and scope = any ({members})")
        else:
            terms.append(f"{quoted(column)} = any ({members})")
            if relation.name.startswith("dim_"):
                # A member that is nobody's own, such as a site of several vendors.
                terms.append(f"{quoted(column)} is null and {has_any}")
    return " or ".join(f"({term})" for term in terms)


def _entitlements(own: str, published: set[str]) -> str:
    """A row for each member that a person may see, all members of who sees all, for joins in a BI tool's own filter."""
    held = f"from {own}.access_principals inner join {own}.access_roles using (role) where {HELD}"
    parts = [f"select principal, scope_type, scope {held}"]
    for kind, dimension, column in (("vendor", "dim_vendor", "vendor_id"), ("market", "dim_market", "market")):
        if dimension in published:
            parts.append(
                f"select principal, '{kind}', {column} from {own}.access_principals inner join {own}.access_roles"
                f" using (role) cross join {own}.{dimension} where {HELD} and scope_type = '{ALL}'"
            )
    return f"create view {own}.entitlements with (security_invoker = true) as {' union '.join(parts)}"


def _make(cursor: Cursor, name: str) -> None:
    """A role that nobody logs in as; one that is there must be of that kind."""
    cursor.execute(
        "select rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolreplication"
        f" from pg_roles where rolname = {literal(name)}"
    )
    found = cursor.fetchone()
    if found is None:
        cursor.execute(f"create role {quoted(name)} nologin")
    elif found[0]:
        raise AccessError(
            f"role {name} may log in or has powers of its own: a role of access.yml is a group, name another"
        )


def _grants(cursor: Cursor, own: str, role: Role) -> Iterator[str]:
    kinds = ", ".join(literal(kind) for kind in {kind for kind, _ in role.scopes})
    cursor.execute(
        f"select distinct table_name from {own}.access_tables where scope_type in ({kinds})"
        f" and (not is_fact or {role.facts})"
    )
    tables = [str(row[0]) for row in cursor.fetchall()]
    if role.sees_all:
        tables += ["entitlements", "access_principals", "access_roles"]
    yield f"grant usage on schema {own} to {quoted(role.name)}"
    if tables:
        named = ", ".join(f"{own}.{quoted(name)}" for name in sorted(tables))
        yield f"grant select on {named} to {quoted(role.name)}"
    yield f"grant execute on all functions in schema {own} to {quoted(role.name)}"


def _memberships(cursor: Cursor, access: Access, held: Access) -> Iterator[str]:
    """Make accounts members of their roles, and of no other role of access.yml."""
    names = ", ".join(literal(role.name) for role in access.roles)
    cursor.execute(
        "select member.rolname, granted.rolname from pg_auth_members"
        " inner join pg_roles as member on member.oid = pg_auth_members.member"
        " inner join pg_roles as granted on granted.oid = roleid"
        f" where granted.rolname in ({names or 'null'}) and member.rolname <> current_user"
    )
    there = {(str(row[0]), str(row[1])) for row in cursor.fetchall()}
    asked = {(login, role) for login, roles in held.logins.items() for role in roles}
    for login in sorted({login for login, _ in asked}):
        cursor.execute(
            f"select rolsuper or rolbypassrls or rolname = current_user from pg_roles where rolname = {literal(login)}"
        )
        found = cursor.fetchone()
        if found is None:
            asked = {pair for pair in asked if pair[0] != login}
            yield (
                f"there is no account {login} yet: create role {login} login, with a password or single sign-on, then"
                " plumbline access --apply"
            )
        elif found[0]:
            raise AccessError(f"account {login} is a superuser or the owner: no policy would bind it, name another")
    for login, role in sorted(there - asked):
        cursor.execute(f"revoke {quoted(role)} from {quoted(login)}")
        yield f"{login} is no longer {role}"
    for login, role in sorted(asked - there):
        cursor.execute(f"grant {quoted(role)} to {quoted(login)}")
        yield f"{login} is now {role}"
