"""SQL of others, in mappings and queries, reaches no file, variable, extension or network: a canary never sings.

The calls come from DuckDB's own list of functions at the time of the test, so that those of a later version are tried.
"""

import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from plumbline.cli import main
from plumbline.landing.land import land
from plumbline.landing.mapping import MappingError, load_mapping
from plumbline.sandbox import RefusedError, check_query, lock, open_closed, warehouse

pytestmark = pytest.mark.attack("untrusted SQL")

DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 12, 0, 0)
CANARY = "canary_5e0c1f"
VARIABLE = "PLUMBLINE_TEST_OF_SECRETS"
# What a function's name says when it reaches out; wider than what the code refuses by name.
REACHES = re.compile(
    r"env|file|path|read|write|glob|sniff|http|url|secret|setting|variable|extension|load|attach|query|scan|copy"
    r"|import|export|execute|deserialize|pragma|parquet|csv|blob"
)
HEADER = "frame_id,stratum,period_start,period_end,population_count,planned_n\n"
MAPPING = """branches:
  - table: quality.audit_frames
    columns:
      frame_id: frame_id
      stratum: {stratum}
      period_start: period_start
      period_end: period_end
      population_count: population_count
      planned_n: planned_n
"""


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files that hold the canary, in the formats that DuckDB reads; and an environment variable with it."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "plain.csv").write_text(f"a\n{CANARY}\n")
    (folder / "plain.json").write_text(f'{{"a": "{CANARY}"}}\n')
    (folder / "schema.sql").write_text(f"{CANARY} is no sql;")
    (folder / "load.sql").write_text("")
    duckdb.sql(f"copy (select '{CANARY}' as a) to '{folder / 'plain.parquet'}'")
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        connection.execute(f"create table t as select '{CANARY}' as a")
    monkeypatch.setenv(VARIABLE, CANARY)
    return folder


def functions() -> list[tuple[str, str]]:
    """Every table function of this DuckDB, and every other whose name says that it reaches out or that is not of its
    arguments alone: (name, type)."""
    found = duckdb.connect().execute(
        "select distinct function_name, function_type, coalesce(has_side_effects, false) from duckdb_functions()"
    )
    return sorted(
        (name, kind)
        for name, kind, has_effects in found.fetchall()
        if kind.startswith("table") or has_effects or REACHES.search(name)
    )


def arguments(folder: Path) -> list[str]:
    """What the functions are asked for: each of the files, the variable, and texts that are SQL over them."""
    files = [str(folder / name) for name in ("plain.csv", "plain.json", "plain.parquet", "plain.duckdb", "*")]
    sql = f"select * from read_text('{folder}/plain.csv')"
    texts = [*files, VARIABLE, sql, f"select * from '{folder}/plain.parquet'", "canary_frame"]
    quoted = [duckdb_literal(text) for text in texts]
    return [*quoted, "", f"json_serialize_sql({duckdb_literal(sql)})", f"'main', {quoted[0]}", f"{quoted[0]}, 'a'"]


def duckdb_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def calls(folder: Path, *, few: bool = False) -> Iterator[tuple[str, str]]:
    """Each call as (an expression, a query): of a table function among tables, and once where a value stands.

    `few`: a file, the variable, a query and no argument.
    """
    for name, kind in functions():
        for number, given in enumerate(arguments(folder)):
            if few and number not in (0, 5, 6, 9):
                continue
            call = f'"{name}"({given})'
            if kind.startswith("table"):
                yield f"(select string_agg(t::varchar, '') from {call} as t)", f"select * from {call}"
            if not kind.startswith("table") or number == 0:
                yield call, f"select {call}"


def outcome_of(mapping: Path, file: Path, landing: Path) -> str:
    """Everything that a call says and leaves."""
    try:
        outcomes = land(load_mapping(str(mapping), {}), [file], landing, landed_on=DAY, landed_at=NOW, again=True)
    except (MappingError, duckdb.Error) as error:
        return f"{type(error).__name__}: {error}"
    written = [file.read_bytes() for file in landing.rglob("*.parquet")]
    texts = [str(duckdb.sql(f"from '{file}'").fetchall()) for file in landing.rglob("*.parquet")]
    return str(outcomes) + "".join(texts) + b"".join(written).decode("latin-1")


def test_the_list_has_what_is_known_to_reach_out() -> None:
    names = {name for name, _ in functions()}
    assert {"read_text", "read_csv", "glob", "sniff_csv", "query", "query_table", "duckdb_settings"} <= names
    assert {"current_setting", "getvariable", "write_log", "json_execute_serialized_sql"} <= names
    assert len(names) > 100


def test_no_function_tells_an_expression_what_is_outside(
    secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary_frame = pd.DataFrame({"a": [CANARY]})
    monkeypatch.setitem(globals(), "canary_frame", canary_frame)
    file, mapping = tmp_path / "frames.csv", tmp_path / "theirs.yml"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    accepted, refusals = 0, []
    for expression, _ in calls(secrets, few=True):
        mapping.write_text(MAPPING.format(stratum=f'"{expression.replace(chr(34), chr(92) + chr(34))}"'))
        try:
            load_mapping(str(mapping), {})
        except MappingError as error:
            refusals.append(str(error))
            continue
        accepted += 1
        found = outcome_of(mapping, file, tmp_path / f"landing_{accepted}")
        assert CANARY not in found, expression
    # What is accepted only looks at its argument, such as parse_path, or is no function of values.
    assert 0 < accepted < len(refusals) / 3
    for refusal in refusals:
        assert refusal.startswith(f"{mapping}:5:16: stratum: "), refusal
        assert len(refusal.splitlines()) == 1, refusal
        assert CANARY not in refusal


def test_no_function_tells_a_query_what_is_outside(
    secrets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    canary_frame = pd.DataFrame({"a": [CANARY]})
    monkeypatch.setitem(globals(), "canary_frame", canary_frame)
    file = warehouse_in(tmp_path)
    refusals = []
    for _, sql in calls(secrets, few=True):
        try:
            check_query(sql)
        except RefusedError as error:
            refusals.append(str(error))
            continue
        main(["query", sql, "--warehouse", str(file)])
        shown = "".join(capsys.readouterr())
        assert CANARY not in shown, sql
    assert len(refusals) > 200
    assert not [refusal for refusal in refusals if CANARY in refusal or len(refusal.splitlines()) != 1]


def test_the_connections_hold_without_the_parser(
    secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall alone: whatever is asked of the locked connections, nothing comes from outside."""
    monkeypatch.setitem(globals(), "canary_frame", pd.DataFrame({"a": [CANARY]}))
    assert CANARY in str(duckdb.sql("from canary_frame").fetchall()), "an open connection reads the frame"
    assert CANARY in str(duckdb.sql(f"from '{secrets}/plain.csv'").fetchall()), "and the files"
    (tmp_path / "own").mkdir()
    with open_closed(tmp_path / "own", "1GiB") as of_rows, warehouse(warehouse_in(tmp_path)) as of_queries:
        lock(of_rows, None)
        asked = [sql for _, sql in calls(secrets)]
        asked += [f"from {name}" for name in ("canary_frame", f"'{secrets}/plain.csv'", f"'{secrets}/plain.parquet'")]
        asked += [statement for statement, _ in statements(secrets)]
        for connection in (of_rows, of_queries):
            for sql in asked:
                try:
                    found = str(connection.execute(sql).fetchall())
                except Exception as error:
                    found = str(error)
                assert CANARY not in found.replace(sql, ""), sql
    assert sorted(file.name for file in secrets.iterdir()) == [
        "load.sql", "plain.csv", "plain.duckdb", "plain.json", "plain.parquet", "schema.sql",
    ]  # fmt: skip


def warehouse_in(folder: Path) -> Path:
    file = folder / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema dev_marts; create table dev_marts.decisions as select 1 as n")
    return file


def statements(folder: Path) -> list[tuple[str, str]]:
    """Statements that are no query, with a word of each."""
    return [
        (f"copy (select 1) to '{folder}/out.csv'", "copy"),
        (f"copy dev_marts.decisions to '{folder}/out.parquet'", "copy"),
        (f"explain analyze copy (select 1) to '{folder}/out.csv'", "explain"),
        (f"export database '{folder}/export'", "export"),
        (f"import database '{folder}'", "import"),
        (f"attach '{folder}/plain.duckdb' as other", "attach"),
        (f"attach '{folder}/new.duckdb' as other", "attach"),
        ("install httpfs", "install"),
        ("load httpfs", "load"),
        (f"load '{folder}/plain.csv'", "load"),
        ("set enable_external_access = true", "set"),
        ("set lock_configuration = false", "set"),
        ("set python_enable_replacements = true", "set"),
        (f"set temp_directory = '{folder}'", "set"),
        ("reset enable_external_access", "reset"),
        ("pragma database_list", "pragma"),
        (f"pragma import_database('{folder}')", "pragma"),
        ("call duckdb_settings()", "call"),
        (f"create secret s (type http, bearer_token '{VARIABLE}')", "create"),
        (f"create table t as from read_text('{folder}/plain.csv')", "create"),
        ("create temp macro m() as table from read_text('x')", "create"),
        (f"select 1; copy (select 1) to '{folder}/out.csv'", "two"),
        (f"select 1; import database '{folder}'", "two"),
        ("from 'canary_frame'; select 2", "two"),
        ("", "none"),
    ]


def test_a_query_is_one_that_reads(secrets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = warehouse_in(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for sql, what in statements(secrets):
        assert main(["query", sql, "--warehouse", str(file)]) == 1, sql
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith("plumbline query: one statement that reads: select"), what
        assert CANARY not in said
    for sql in (
        f"from '{secrets}/plain.csv'",
        f"from '{secrets}/plain.parquet'",
        "from canary_frame",
        "from pg_settings",
    ):
        assert main(["query", sql, "--warehouse", str(file)]) == 1, sql
        assert CANARY not in "".join(capsys.readouterr())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_queries_are_for_still_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = warehouse_in(tmp_path)
    for sql in (
        "from dev_marts.decisions", "select * from dev_marts.decisions;", "describe dev_marts.decisions",
        "show all tables", "summarize dev_marts.decisions",
        "explain select 1", "EXPLAIN ANALYZE from dev_marts.decisions", "values (1)",
        "with x as (select n from dev_marts.decisions) select sum(n) over () from x order by random()",
        "pivot dev_marts.decisions on n in (1, 2) using count(*)", "from range(3), duckdb_columns()",
        "from information_schema.tables", "select unnest([1, 2]) -- and a comment",
    ):  # fmt: skip
        assert main(["query", sql, "--warehouse", str(file)]) == 0, (sql, capsys.readouterr().err)


INJECTIONS = [
    "1; drop table raw_rows",
    "1; import database '{folder}'",
    "(select content from read_text('{folder}/plain.csv'))",
    "(from read_text('{folder}/plain.csv') select content)",
    "content from read_text('{folder}/plain.csv')",
    "1 union all select content from read_text('{folder}/plain.csv')",
    "exists(from glob('{folder}/*'))",
    "stratum in (from read_csv('{folder}/plain.csv'))",
    "stratum in (from '{folder}/plain.csv')",
    "array(select a from '{folder}/plain.parquet')",
    "list_transform([1], x -> (select a from '{folder}/plain.csv'))",
    "stratum) as stratum from read_text('{folder}/plain.csv') --",
    "stratum) + (stratum",
    "(select a from canary_frame)",
    "getenv('{variable}')",
    "current_setting('temp_directory')",
    "main.current_setting('temp_directory')",
    "system.main.getvariable('x')",
    "'allowed_directories'.current_setting()",
    "write_log('x')",
    "random()",
    "nextval('x')",
    "?",
    "*",
    "columns('.*')",
    "stratum as other",
    "stratum /* open",
]


@pytest.mark.parametrize("where", ["column", "where", "order_by", "--set", "for_each"])
@pytest.mark.parametrize("text", INJECTIONS)
def test_an_expression_is_one_over_the_row(
    secrets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, where: str
) -> None:
    """However it comes in: the call is refused in one line that says where it stands, and leaves nothing."""
    sql = text.format(folder=secrets, variable=VARIABLE)
    mapping, file, landing = tmp_path / "theirs.yml", tmp_path / "frames.csv", tmp_path / "landing"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    quoted = '"' + sql.replace("\\", "\\\\").replace('"', '\\"') + '"'
    yaml = MAPPING.format(
        stratum=quoted if where == "column" else "$what" if where in ("--set", "for_each") else "stratum"
    )
    place = {"column": "5:16: stratum", "where": "3:12: where", "order_by": "3:15: order_by"}
    if where in ("where", "order_by"):
        yaml = yaml.replace("    columns:", f"    {where}: {quoted}\n    columns:")
    elif where == "--set":
        yaml = "parameters:\n  what: {description: any}\n" + yaml
    elif where == "for_each":
        yaml = yaml.replace("    columns:", f"    for_each: {{what: [{quoted}]}}\n    columns:")
    mapping.write_text(yaml)
    sets = ["--set", f"what={sql}"] if where == "--set" else []
    code = main(["land", str(mapping), str(file), *sets, "--landing", str(landing)])
    said = capsys.readouterr()
    assert code == 1, sql
    (line,) = said.err.splitlines()
    at = place.get(where, "7:16: stratum" if where == "--set" else "6:16: stratum")
    assert line.startswith(f"plumbline land: {mapping}:{at}: "), line
    assert CANARY not in line + said.out
    assert not landing.exists()


@pytest.mark.parametrize(
    ("expression", "stratum"),
    [
        ("case when stratum = 'a' then upper(stratum) else 'other' end", "A"),
        ("stratum || '-' || list_transform(['x'], x -> x || 'y')[1]", "a-xy"),
        ("coalesce(nullif(stratum, 'a'), json_extract_string('{\"k\": \"v\"}', '$$.k'))", "v"),
        ("stratum -- as the tool has it", "a"),
        ("strftime(cast(period_start as date) + interval 1 day, '%d')", "02"),
        ("stratum || row_number() over (order by planned_n desc)", "a1"),
        ("regexp_extract(stratum, '(.)', 1)", "a"),
    ],
)
def test_what_expressions_are_for_still_lands(tmp_path: Path, expression: str, stratum: str) -> None:
    mapping, file = tmp_path / "ours.yml", tmp_path / "frames.csv"
    quoted = '"' + expression.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = MAPPING.format(stratum=quoted).replace(
        "    columns:", "    order_by: planned_n desc, stratum -- last wins\n    columns:"
    )
    mapping.write_text(text)
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    land(load_mapping(str(mapping), {}), [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    ((landed,),) = duckdb.sql(f"select stratum from '{tmp_path}/landing/quality/*/*/*.parquet'").fetchall()
    assert landed == stratum


def test_rows_reach_their_own_output_and_no_other(tmp_path: Path) -> None:
    """A neighbour's landed file, another call's staging folder and the ledger are as far away as any file."""
    own, spill = tmp_path / "_ledger" / ".staging-a" / "own", tmp_path / "_ledger" / ".staging-a" / "spill"
    others = [
        tmp_path / "quality" / "x.csv",
        tmp_path / "_ledger" / "x.csv",
        own.parent / "x.csv",
        own.with_name("own2") / "x.csv",
    ]
    for file in others:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"a\n{CANARY}\n")
    own.mkdir()
    spill.mkdir()
    with open_closed(spill, "1GiB") as connection:
        lock(connection, own)
        for file in others:
            for path in (file, own / os.path.relpath(file, own)):
                for sql in (f"from '{path}'", f"from read_text('{path}')", f"from glob('{path.parent}/*')"):
                    with pytest.raises(duckdb.Error) as error:
                        connection.execute(sql).fetchall()
                    assert CANARY not in str(error.value)
            with pytest.raises(duckdb.Error):
                connection.execute(f"copy (select 1) to '{file}'")
        connection.execute(f"copy (select 1 as a) to '{own / 'out.parquet'}' (format parquet)")
    assert all(CANARY in file.read_text() for file in others)


def test_a_marts_schema_is_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, auditors = warehouse_in(tmp_path), tmp_path / "auditors.txt"
    auditors.write_text("QA1\n")
    for marts in ("dev_marts; drop table x", '(select 1) as "x"', "pg_catalog.pg_settings --", "nowhere"):
        code = main(
            ["audit", "draw", "--first", "2026-01-05", "--last", "2026-01-11", "--by", "queue", "--total", "5",
             "--auditors", str(auditors), "--seed", "1", "--out", str(tmp_path / "draw"), "--marts", marts,
             "--warehouse", str(file)]
        )  # fmt: skip
        assert code == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(f"plumbline audit: no schema {marts} in this warehouse; there are: ")
    assert not (tmp_path / "draw").exists()
