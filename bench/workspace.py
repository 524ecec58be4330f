"""One size of sample under the scratch folder: its landing, its warehouses, and the runs that are measured on them."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from process import ROOT, Cost, measured

BYTES_PER_DECISION = {"landing": 40, "warehouses": 700}


@dataclass
class Bench:
    """One size of sample with its landing and warehouses under the scratch folder."""

    scratch: Path
    decisions: int
    memory: str
    has_random_ids: bool = False

    @property
    def name(self) -> str:
        return f"{self.decisions:012}{'_random_ids' if self.has_random_ids else ''}"

    @property
    def folder(self) -> Path:
        return self.scratch / f"decisions_{self.decisions}{'_random_ids' if self.has_random_ids else ''}"

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def held_back(self) -> Path:
        return self.folder / "held_back"

    @property
    def warehouse(self) -> Path:
        return self.folder / "plumbline.duckdb"

    @property
    def floor_database(self) -> Path:
        return self.folder / "floor.duckdb"

    def environment(self) -> dict[str, str]:
        return {
            "PLUMBLINE_LANDING": str(self.landing),
            "PLUMBLINE_WAREHOUSE": str(self.warehouse),
            "PLUMBLINE_SPILL": str(self.folder / "spill"),
            "PLUMBLINE_MEMORY_LIMIT": self.memory,
            "PLUMBLINE_TARGET": "dev",
        }

    def log(self, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{name}.log"

    def sample(self) -> Cost | None:
        """Write the sample unless it is there; nothing to measure then."""
        if (self.landing / "truths.json").exists():
            return None
        needed = sum(BYTES_PER_DECISION.values()) * self.decisions
        self.scratch.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.scratch).free
        if free < needed:
            raise SystemExit(f"{self.scratch} has {free >> 30} GiB free; {self.decisions:,} need {needed >> 30} GiB")
        plumbline = str(Path(sys.executable).parent / "plumbline")
        command = [plumbline, "sample", "--scale", str(self.decisions), "--landing", str(self.landing)]
        cost = measured(command, {}, self.log("sample"))
        if self.has_random_ids:
            self.scatter_ids()
        return cost

    def scatter_ids(self) -> None:
        """Put a hash in the place of every id of tasks, decisions and audits: nothing prunes by such ids."""
        ids = {"task_id", "root_task_id", "decision_id", "audit_id"}
        with duckdb.connect() as connection:
            for file in [
                *self.landing.glob("moderation/*/*/*.parquet"),
                *self.landing.glob("quality/audits/*/*.parquet"),
            ]:
                columns = [row[0] for row in connection.execute(f"describe from '{file}'").fetchall()]
                scattered = [f"if({name} = '', '', md5({name})) as {name}" for name in columns if name in ids]
                source = f"read_parquet('{file}', hive_partitioning = false)"
                connection.execute(
                    f"copy (select * replace ({', '.join(scattered)}) from {source})"
                    f" to '{file}.new' (format parquet, compression zstd)"
                )
                Path(f"{file}.new").rename(file)

    def dbt(self, name: str, *options: str) -> Cost:
        """A build with its data tests; unit tests belong to changes of code, not to a day's run."""
        command = [
            sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test", *options,
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        return measured(command, self.environment(), self.log(name))

    def full(self) -> Cost:
        self.remove_warehouse()
        self.dbt("parse", "--select", "int_settings")
        self.remove_warehouse()
        return self.dbt("full")

    def remove_warehouse(self) -> None:
        """The warehouse and its file of people."""
        for file in (self.warehouse, Path(f"{self.warehouse}.people")):
            file.unlink(missing_ok=True)

    def landed_days(self) -> list[str]:
        return sorted({folder.name for folder in self.landing.glob("*/*/landed_on=*")})

    def hold_back(self, days: int) -> None:
        """Take the last days of landing away, so that they can arrive one by one."""
        for day in self.landed_days()[-days:]:
            for folder in list(self.landing.glob(f"*/*/{day}")):
                away = self.held_back / folder.relative_to(self.landing)
                away.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(away)

    def arrive(self) -> str:
        """Let the first of the days that are held back land; return it."""
        day = min(folder.name for folder in self.held_back.glob("*/*/landed_on=*"))
        for folder in list(self.held_back.glob(f"*/*/{day}")):
            folder.rename(self.landing / folder.relative_to(self.held_back))
        return day

    def restore(self) -> None:
        """Undo what an earlier run held back or added."""
        while any(self.held_back.glob("*/*/landed_on=*")):
            self.arrive()
        for file in self.landing.glob("*/*/*/late.parquet"):
            file.unlink()

    def add_late_rows(self, day: str) -> int:
        """Beside what lands on `day`: decisions of the sixty days before, a hundredth of a day's, that come now."""
        decisions = self.landing / "moderation" / "decisions"
        earlier = [f"'{decisions}/{name}/sample.parquet'" for name in self.landed_days()[-61:-1]]
        with duckdb.connect() as connection:
            connection.execute(
                f"""
                copy (
                    select * replace (decision_id || '-late' as decision_id)
                    from read_parquet([{", ".join(earlier)}], hive_partitioning = false)
                    where hash(decision_id) % 6000 = 0
                ) to '{decisions}/{day}/late.parquet' (format parquet, compression zstd)
                """
            )
            (rows,) = connection.execute(f"select count(*) from '{decisions}/{day}/late.parquet'").fetchall()[0]
        return int(rows)

    def floor(self, memory: str | None = None) -> Cost:
        self.floor_database.unlink(missing_ok=True)
        return self.script("floor", self.floor_database, memory or self.memory)

    def pace(self) -> Cost:
        """The part of the floor that joins nothing; its database is not kept."""
        database = self.folder / "pace.duckdb"
        cost = self.script("pace", database, self.memory)
        database.unlink()
        return cost

    def script(self, name: str, database: Path, memory: str) -> Cost:
        """Run bench/{name}.sql in a process of its own."""
        program = (
            "import sys, duckdb\n"
            "c = duckdb.connect(sys.argv[1])\n"
            'c.execute("set threads = 2; set enable_progress_bar = false")\n'
            'c.execute("set memory_limit = \'" + sys.argv[2] + "\'")\n'
            'c.execute("set temp_directory = \'" + sys.argv[3] + "\'")\n'
            "c.execute('set variable landing = $1', [sys.argv[4]])\n"
            "c.execute('set variable seeds = $1', [sys.argv[5]])\n"
            "c.execute(open(sys.argv[6]).read())\n"
            "c.close()\n"
        )
        arguments = [
            str(database), memory, str(self.folder / f"{name}_spill"), str(self.landing),
            str(ROOT / "seeds" / "reference"), str(ROOT / "bench" / f"{name}.sql"),
        ]  # fmt: skip
        return measured([sys.executable, "-c", program, *arguments], {}, self.log(name))
