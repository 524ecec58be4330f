"""Compare every mart and report of two revisions, row by row.

    python bench/compare.py --base main                      # this tree against main, on the demo sample
    python bench/compare.py --base v1.2 --scale tiny --landing data/landing --keep /path/with/space

Both are built from the same landed files, without tests. A column or table whose `config.meta.former_name` says what it
was called is compared with that one. The exit code is 1 where any row differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
# Says which run wrote the rows.
NOT_COMPARED = {"build_id", "_batch"}
SCHEMAS = ("dev_marts", "dev_reports")


def build(project: Path, folder: Path, landing: Path) -> Path:
    """Build the project in `project` from `landing`; every mart and report as Parquet, by schema and name."""
    (folder / "tables").mkdir(parents=True)
    warehouse = folder / "plumbline.duckdb"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")} | {
        "PYTHONPATH": str(project / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PLUMBLINE_LANDING": str(landing),
        "PLUMBLINE_WAREHOUSE": str(warehouse),
        "PLUMBLINE_SPILL": str(folder / "spill"),
    }
    without = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    command = [str(BIN / "dbt"), "--quiet", "build", *without, *places]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{project} does not build:\n{done.stdout[-4000:]}")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if Path(f"{warehouse}.people").exists():
            connection.execute(f"attach '{warehouse}.people' as people (read_only)")
        named = "select table_schema || '.' || table_name from information_schema.tables where table_schema in (?, ?)"
        for (name,) in connection.execute(f"{named} order by 1", list(SCHEMAS)).fetchall():
            connection.execute(f"copy (from {name}) to '{folder / 'tables' / name}.parquet' (format parquet)")
    return folder / "tables"


def former_names(project: Path) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """What renamed tables and columns were called: by table, and by table and column."""
    tables, columns = {}, {}
    for file in (project / "models").rglob("*.yml"):
        for model in (yaml.safe_load(file.read_text()) or {}).get("models", []):
            if former := _former_name(model):
                tables[model["name"]] = former
            for column in model.get("columns", []):
                if former := _former_name(column):
                    columns[model["name"], column["name"]] = former
    return tables, columns


def _former_name(node: dict) -> str | None:
    return ((node.get("config") or {}).get("meta") or {}).get("former_name")


def differences(before: Path, after: Path) -> list[str]:
    """What differs, a line a table; empty where all rows are the same."""
    tables, columns = former_names(ROOT)
    found, met = [], set()
    for file in sorted(after.glob("*.parquet")):
        schema, name = file.stem.split(".")
        former = before / file.name
        if not former.exists():
            former = before / f"{schema}.{tables.get(name, name)}.parquet"
        met.add(former.name)
        if not former.exists():
            found.append(f"{file.stem}: is new")
            continue
        old, new = f"'{former}'", f"'{file}'"
        was = [c for c in described(old) if c not in NOT_COMPARED]
        # A base that has the new name already was made after the renaming.
        names = {c if c in was else columns.get((name, c), c): c for c in described(new) if c not in NOT_COMPARED}
        found += [f"{file.stem}.{c}: is new" for c in names.values() if c not in was and names.get(c) == c]
        found += [f"{file.stem}.{c}: is gone" for c in was if c not in names]
        both = {c: names[c] for c in was if c in names}
        left = f"select {', '.join(compared(c, c, old) for c in both)} from {old}"
        right = f"select {', '.join(compared(new_name, c, new) for c, new_name in both.items())} from {new}"
        rows = duckdb.sql(f"select count(*) from {new}").fetchone()[0]
        gone = duckdb.sql(f"({left}) except all ({right})")
        come = duckdb.sql(f"({right}) except all ({left})")
        counts = len(gone), len(come)
        print(f"{file.stem}: {rows:,} rows, {counts[0]:,} only before, {counts[1]:,} only after", flush=True)
        if any(counts):
            found.append(f"{file.stem}: {counts[0]:,} rows only before, {counts[1]:,} only after")
            for what, some in (("before", gone), ("after", come)):
                print(f"  first rows only {what}:\n{some.limit(3)}")
    return found + [f"{file.stem}: is gone" for file in sorted(before.glob("*.parquet")) if file.name not in met]


def compared(name: str, as_name: str, source: str) -> str:
    """A column; of floating-point numbers twelve digits, since the order of a sum may change the last ones."""
    kind = duckdb.sql(f"select typeof({quoted(name)}) from {source} limit 1").fetchone()
    if kind and kind[0] in ("DOUBLE", "FLOAT"):
        return f"cast(printf('%.12g', {quoted(name)}) as varchar) as {quoted(as_name)}"
    return f"{quoted(name)} as {quoted(as_name)}"


def described(source: str) -> list[str]:
    return duckdb.sql(f"select * from {source} limit 0").columns


def quoted(name: str) -> str:
    return f'"{name}"'


def main() -> int:
    """Build both, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="the revision to compare this tree with")
    parser.add_argument("--scale", default="demo", help="of the sample that both are built from (default: demo)")
    parser.add_argument("--landing", type=Path, help="build from these landed files instead of a sample")
    parser.add_argument("--keep", type=Path, help="keep both warehouses in this new folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        landing = given.landing.resolve() if given.landing else folder / "landing"
        if not given.landing:
            print(f"Writing the {given.scale} sample", flush=True)
            command = [BIN / "plumbline", "sample", "--scale", given.scale, "--landing", landing]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        tree = Path(scratch) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, given.base], cwd=ROOT, check=True)
        try:
            print(f"Building {given.base}", flush=True)
            before = build(tree, folder / "before", landing)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
        print("Building this tree", flush=True)
        found = differences(before, build(ROOT, folder / "after", landing))
    print("\n".join(found) if found else "Nothing differs.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
