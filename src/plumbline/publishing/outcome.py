"""Whether the warehouse may be published: every model built, every test passed, by the last run that changed it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from plumbline.landing.read import quoted
from plumbline.publishing.relations import read_manifest


@dataclass(frozen=True)
class Passed:
    """The build that made what is published."""

    build_id: str
    batch: int


def passed_build(warehouse: duckdb.DuckDBPyConnection, manifest: Path) -> Passed:
    """The build of the last run, where all of it was built and tested.

    Args:
        warehouse: The warehouse, open.
        manifest: dbt's manifest.json, which says where runs and their outcomes are kept.

    Raises:
        ValueError: where the last run failed, left out models or tests, or was killed.
    """
    (landing,) = {
        source["schema"] for source in read_manifest(manifest)["sources"].values() if source["source_name"] == "landing"
    }
    schema = quoted(landing)
    again = "nothing is published; run dbt build without a selection, and publish then"
    try:
        last = warehouse.execute(f"select max(_batch) from {schema}.runs").fetchone()
        row = warehouse.execute(
            "select build_id, command, nodes_left_out, tests, failures, first_failure, _batch"
            f" from {schema}.outcomes order by _batch desc limit 1"
        ).fetchone()
    except duckdb.CatalogException:
        raise ValueError(f"the warehouse does not say how its last run ended ({landing}): {again}") from None
    if last is None or row is None or row[6] != last[0]:
        raise ValueError(f"the last run did not end, so that some of the warehouse is of before it: {again}")
    build_id, command, left_out, tests, failures, first_failure, batch = row
    if failures:
        more = f" and {failures - 1} more" if failures > 1 else ""
        raise ValueError(f"the last run ({command}) failed in {first_failure}{more}: nothing is published")
    if left_out or command != "dbt build" or not tests:
        raise ValueError(f"the last run ({command}) left out {left_out} models and tests: {again}")
    return Passed(build_id, batch)
