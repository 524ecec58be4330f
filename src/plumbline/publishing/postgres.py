"""Publishes to PostgreSQL in one transaction: readers see the previous version until the new one is complete.

A new schema gets tables with types, keys and comments. They are filled from Arrow and compared with the warehouse, then
the schema is renamed into place, which waits for no reader. The previous version stays under another name for a
rollback. A publish that fails or is killed leaves nothing, since its transaction never commits.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import adbc_driver_postgresql.dbapi as adbc
import duckdb
from adbc_driver_manager import DatabaseError, Error
from adbc_driver_manager.dbapi import Cursor

from plumbline import clock
from plumbline.landing.casts import literal
from plumbline.landing.read import quoted
from plumbline.publishing import row_security
from plumbline.publishing.access import Access
from plumbline.publishing.relations import Relation

LEAST_VERSION = 150_000
# Key of the advisory lock: one publish at a time to a database, whatever its schema.
LOCK = 7_204_113_595
LOCK_TIMEOUT = "5s"
ATTEMPTS = 6
ROWS_AT_ONCE = 65_536
NOT_AVAILABLE = "55P03"


class PublishError(ValueError):
    """Nothing was published; the message says why and what to do."""


@dataclass(frozen=True)
class Published:
    """A publish as the database has recorded it."""

    publish_id: int
    published_at: dt.datetime
    revision: str
    build_id: str
    tables: int
    rows: int
    state: str
    """`in place`, `kept` for a rollback, or `gone`."""
    access_changed: tuple[str, ...] = ()
    """Of the publish that has just been made: which accounts got or lost which role, and which do not exist."""


@contextmanager
def connected(dsn: str) -> Iterator[Cursor]:
    """A cursor in a transaction that ends with the block, or is undone where the block raises.

    Raises:
        PublishError: for whatever the server refuses, in its own words.
    """
    try:
        with adbc.connect(dsn) as connection, connection.cursor() as cursor:
            yield cursor
            connection.commit()
    except Error as error:
        raise PublishError(_without_secrets(error, dsn)) from None


def _without_secrets(error: Error, dsn: str) -> str:
    """What the server said, without the password that it may repeat."""
    password = urlsplit(dsn).password
    said = " ".join(str(error).split())
    return f"PostgreSQL: {said.replace(password, '***') if password else said}"


def publish(
    dsn: str,
    warehouse: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    *,
    schema: str,
    revision: str,
    build_id: str,
    access: Access | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Published:
    """Put the relations in place under `schema`, all or nothing.

    Args:
        dsn: Where; libpq's URI.
        warehouse: The warehouse, open.
        relations: What is published.
        schema: What readers call the schema.
        revision: Of the project, for the record.
        build_id: Of the build that made the warehouse, for the record.
        access: Who may see which rows; None: nobody but the owner sees any.
        progress: Called after each table with the number of tables done and their total.

    Returns:
        The publish as it is recorded.

    Raises:
        PublishError: when nothing was published.
    """
    with connected(dsn) as cursor:
        _begin(cursor, schema)
        cursor.execute(
            f"insert into {_history(schema)} (revision, build_id, tables, state)"
            f" values ({literal(revision)}, {literal(build_id)}, {len(relations)}, 'in place') returning publish_id"
        )
        publish_id = int(str(_one(cursor)))
        next_schema = f"{schema}__{publish_id}"
        cursor.execute(f"create schema {quoted(next_schema)}")
        for number, relation in enumerate(relations):
            _fill(cursor, warehouse, relation, schema, next_schema, publish_id)
            progress(number + 1, len(relations))
        for relation in relations:
            _refer(cursor, relation, next_schema, {other.name for other in relations})
        row_security.install(cursor, next_schema, relations)
        changed = _give(cursor, schema, access, next_schema) if access else []
        _swap(cursor, schema, next_schema, publish_id)
    _drop_gone(dsn, schema)
    published = next(each for each in history(dsn, schema) if each.publish_id == publish_id)
    return replace(published, access_changed=tuple(changed))


def rollback(dsn: str, schema: str, access: Access | None = None) -> Published:
    """Restore the previous version, with the access of today, and keep the present one for the next rollback.

    Raises:
        PublishError: where none is kept.
    """
    with connected(dsn) as cursor:
        _begin(cursor, schema)
        cursor.execute(f"select max(publish_id) from {_history(schema)} where state = 'kept'")
        kept = _one(cursor)
        if kept is None:
            raise PublishError(f"no earlier publish of {schema} is kept: there is nothing to bring back")
        changed = _give(cursor, schema, access, f"{schema}__{kept}") if access else []
        _swap(cursor, schema, f"{schema}__{kept}", int(str(kept)))
    return replace(
        next(each for each in history(dsn, schema) if each.state == "in place"), access_changed=tuple(changed)
    )


def give_access(dsn: str, schema: str, access: Access) -> list[str]:
    """Apply access.yml to what is in place, without a publish; what was granted and revoked.

    Raises:
        PublishError: where nothing is in place, or the server refuses.
    """
    with connected(dsn) as cursor:
        _begin(cursor, schema)
        cursor.execute(f"select 1 from {_history(schema)} where state = 'in place'")
        if not _one(cursor):
            raise PublishError(f"nothing is published under {schema}: publish first")
        return _give(cursor, schema, access)


def published_values(dsn: str, schema: str, place: Mapping[str, object]) -> list[dict[str, object]]:
    """The value of a row of rpt_metric_values in each version that the database has, the latest first.

    Args:
        dsn: Where; libpq's URI.
        schema: What readers call the schema.
        place: The columns that name the row, and their values.
    """
    versions = [each for each in history(dsn, schema) if each.state != "gone"]
    where = " and ".join(f"{quoted(name)} = {literal(str(value))}" for name, value in place.items())
    found = []
    with connected(dsn) as cursor:
        for each in versions:
            own = schema if each.state == "in place" else f"{schema}__{each.publish_id}"
            cursor.execute(f"select metric_value from {quoted(own)}.rpt_metric_values where {where}")
            found.append(
                {
                    "publish_id": each.publish_id,
                    "published_at": f"{each.published_at:%Y-%m-%d %H:%M} UTC",
                    "state": each.state,
                    "metric_value": _one(cursor),
                }
            )
    return found


def register(dsn: str, schema: str) -> list[tuple[str, ...]]:
    """Who has which role: principal, role, scope, account, granted on and by, confirmed on, account last seen.

    PostgreSQL keeps no record of logins: an account is seen when it is connected while this runs or something is
    published.
    """
    with connected(dsn) as cursor:
        _begin(cursor, schema)
        cursor.execute(f"select to_regclass({literal(f'{quoted(schema)}.access_principals')}) is not null")
        if not _one(cursor):
            return []
        _see(cursor, schema, schema)
        own, seen = quoted(schema), f"{quoted(f'{schema}__publishes')}.seen"
        cursor.execute(
            "select principal, role, (select string_agg(case scope_type when 'all' then 'all' else scope_type || ' '"
            f" || scope end, ', ' order by scope) from {own}.access_roles where access_roles.role = held.role),"
            " coalesce(held.login, '-'), granted_on::text, granted_by,"
            " recertified_on::text || case when until < current_date then ', ended' else '' end,"
            " coalesce(to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), '-')"
            f" from {own}.access_principals as held left join {seen} on seen.login = held.login"
            " union all select '(shared account)', '-', 'whom the session names', shared.login, '-', '-', '-',"
            " coalesce(to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), '-')"
            f" from {own}.access_shared_accounts as shared left join {seen} on seen.login = shared.login"
            " order by 1, 2"
        )
        return [tuple(map(str, row)) for row in cursor.fetchall()]


def _see(cursor: Cursor, schema: str, version: str) -> None:
    """Note which accounts of access.yml are connected."""
    own, seen = quoted(version), f"{quoted(f'{schema}__publishes')}.seen"
    cursor.execute(f"create table if not exists {seen} (login text primary key, last_seen_at timestamptz not null)")
    cursor.execute(
        f"insert into {seen} select usename, now() from pg_stat_activity where usename in ("
        f" select login from {own}.access_principals union select login from {own}.access_shared_accounts)"
        " group by usename on conflict (login) do update set last_seen_at = excluded.last_seen_at"
    )


def _give(cursor: Cursor, schema: str, access: Access, version: str | None = None) -> list[str]:
    """Apply access.yml to what is in place, or to the `version` that takes its place."""
    try:
        changed = row_security.apply(cursor, version or schema, access, clock.now().date())
        _see(cursor, schema, version or schema)
        return changed
    except row_security.AccessError as error:
        raise PublishError(str(error)) from None


def history(dsn: str, schema: str) -> list[Published]:
    """Every publish under `schema`, the latest first."""
    with connected(dsn) as cursor:
        cursor.execute(f"select to_regclass({literal(_history(schema))}) is not null")
        if not _one(cursor):
            return []
        cursor.execute(
            "select publish_id, published_at, revision, build_id, tables, row_count, state"
            f" from {_history(schema)} order by publish_id desc"
        )
        return [Published(*row) for row in cursor.fetchall()]


def _history(schema: str) -> str:
    return f"{quoted(f'{schema}__publishes')}.publishes"


def _begin(cursor: Cursor, schema: str) -> None:
    """Be the only one who publishes, and have somewhere to record it."""
    cursor.execute("select current_setting('server_version_num')::int, current_setting('server_version')")
    number, version = cursor.fetchone() or (0, "unknown")
    if number < LEAST_VERSION:
        raise PublishError(f"PostgreSQL {version} is too old: 15 or later is needed")
    cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    cursor.execute(f"select pg_try_advisory_xact_lock({LOCK})")
    if not _one(cursor):
        raise PublishError("another publish to this database is at work: try again when it is done")
    cursor.execute(f"create schema if not exists {quoted(f'{schema}__publishes')}")
    cursor.execute(
        f"create table if not exists {_history(schema)} (publish_id bigint generated always as identity primary key,"
        " published_at timestamptz not null default now(), revision text not null, build_id text not null,"
        " tables bigint not null, row_count bigint not null default 0, state text not null)"
    )
    cursor.execute(
        f"create table if not exists {quoted(f'{schema}__publishes')}.published_tables (publish_id bigint not null"
        f" references {_history(schema)}, table_name text not null, row_count bigint not null, checksum text not null,"
        " primary key (publish_id, table_name))"
    )
    cursor.execute(
        f"select exists (select 1 from pg_namespace where nspname = {literal(schema)})"
        f" and not exists (select 1 from {_history(schema)} where state = 'in place')"
    )
    if _one(cursor):
        raise PublishError(f"there is a schema {schema} that no publish has made: name another with --schema")


def _fill(
    cursor: Cursor,
    warehouse: duckdb.DuckDBPyConnection,
    relation: Relation,
    schema: str,
    next_schema: str,
    publish_id: int,
) -> None:
    """One table: made, filled, compared with where it came from, keyed, described and recorded."""
    table = f"{quoted(next_schema)}.{quoted(relation.name)}"
    declared = ", ".join(f"{quoted(column.name)} {column.kind}" for column in relation.columns)
    cursor.execute(f"create table {table} ({declared})")
    names = ", ".join(quoted(column.name) for column in relation.columns)
    rows = warehouse.sql(f"select {names} from {relation.source}").to_arrow_reader(ROWS_AT_ONCE)
    cursor.adbc_ingest(relation.name, rows, mode="append", db_schema_name=next_schema)
    sums = _sums(relation)
    theirs = warehouse.sql(f"select {sums} from {relation.source}").fetchone()
    cursor.execute(f"select {sums} from {table}")
    ours = cursor.fetchone()
    if theirs != ours:
        raise PublishError(f"{relation.name} did not arrive as it is: {theirs} of the warehouse are {ours} there")
    if relation.key:
        # Days last: readers ask for one metric or queue over many days, and of days there is an index as foreign keys.
        days = {column.name for column in relation.columns if column.kind == "date"}
        key = sorted(relation.key, key=lambda name: name in days)
        cursor.execute(f"alter table {table} add primary key ({', '.join(map(quoted, key))})")
    for index in relation.indexes:
        cursor.execute(f"create index on {table} ({', '.join(map(quoted, index))})")
    for statement in _comments(relation, table):
        cursor.execute(statement)
    cursor.execute(f"analyze {table}")
    counted, checksum = warehouse.sql(
        f"select count(*), md5(coalesce(cast(sum(cast(hash({names}) as hugeint)) as varchar), ''))"
        f" from {relation.source}"
    ).fetchone() or (0, "")
    cursor.execute(
        f"insert into {quoted(f'{schema}__publishes')}.published_tables"
        f" values ({publish_id}, {literal(relation.name)}, {counted}, {literal(checksum)})"
    )
    cursor.execute(f"update {_history(schema)} set row_count = row_count + {counted} where publish_id = {publish_id}")


def _sums(relation: Relation) -> str:
    """Expressions that DuckDB and PostgreSQL evaluate to the same text: counts, sums, first and last dates."""
    parts = ["cast(count(*) as text)"]
    for column in relation.columns:
        name = quoted(column.name)
        parts.append(f"cast(count({name}) as text)")
        if column.kind in ("bigint", "integer", "smallint"):
            parts.append(f"cast(sum({name}) as text)")
        elif column.kind.startswith("numeric"):
            parts.append(f"cast(cast(sum({name}) as decimal(38,6)) as text)")
        elif column.kind == "text":
            parts.append(f"cast(sum(length({name})) as text)")
        elif column.kind in ("date", "timestamp"):
            parts += [f"cast(min({name}) as text)", f"cast(max({name}) as text)"]
        elif column.kind == "boolean":
            parts.append(f"cast(sum(case when {name} then 1 else 0 end) as text)")
    return ", ".join(parts)


def _comments(relation: Relation, table: str) -> Iterator[str]:
    if relation.description:
        yield f"comment on table {table} is {literal(relation.description)}"
    for column in relation.columns:
        if column.description:
            yield f"comment on column {table}.{quoted(column.name)} is {literal(column.description)}"


def _refer(cursor: Cursor, relation: Relation, next_schema: str, published: set[str]) -> None:
    """Foreign keys, and an index on each, by which BI tools join and filter."""
    table = f"{quoted(next_schema)}.{quoted(relation.name)}"
    for column, dimension, key in relation.references:
        if dimension in published:
            other = f"{quoted(next_schema)}.{quoted(dimension)}"
            cursor.execute(f"alter table {table} add foreign key ({quoted(column)}) references {other} ({quoted(key)})")
            cursor.execute(f"create index on {table} ({quoted(column)})")


def _swap(cursor: Cursor, schema: str, next_schema: str, publish_id: int) -> None:
    """Rename what is in place away and the next one into its place; the transaction ends right after."""
    cursor.execute(f"select publish_id from {_history(schema)} where state = 'in place' and publish_id <> {publish_id}")
    former = [int(row[0]) for row in cursor.fetchall()]
    for attempt in range(1, ATTEMPTS + 1):
        cursor.execute("savepoint swap")
        try:
            for each in former:
                cursor.execute(f"alter schema {quoted(schema)} rename to {quoted(f'{schema}__{each}')}")
            cursor.execute(f"alter schema {quoted(next_schema)} rename to {quoted(schema)}")
            break
        except DatabaseError as error:
            if error.sqlstate != NOT_AVAILABLE or attempt == ATTEMPTS:
                raise
            cursor.execute("rollback to savepoint swap")
    states = f"case when publish_id = {publish_id} then 'in place' when state = 'in place' then 'kept' else 'gone' end"
    cursor.execute(f"update {_history(schema)} set state = {states} where state <> 'gone' or publish_id = {publish_id}")


def _drop_gone(dsn: str, schema: str) -> None:
    """Drop what is neither in place nor kept; what somebody still reads goes at the next publish."""
    with connected(dsn) as cursor:
        cursor.execute(
            f"select publish_id from {_history(schema)} where state = 'gone'"
            f" and exists (select 1 from pg_namespace where nspname = {literal(schema)} || '__' || publish_id)"
        )
        gone = [int(row[0]) for row in cursor.fetchall()]
    for publish_id in gone:
        try:
            with connected(dsn) as cursor:
                cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                cursor.execute(f"drop schema {quoted(f'{schema}__{publish_id}')} cascade")
        except PublishError as error:
            if NOT_AVAILABLE not in str(error):
                raise


def _one(cursor: Cursor) -> object:
    row = cursor.fetchone()
    return row[0] if row else None
