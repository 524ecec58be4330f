"""Agreement on ten million ratings: SQL reduces them to counts, Python sees counts only.

`python bench/agreement.py` prints seconds and peak memory, and holds a part against the library krippendorff.
"""

import resource
import time

import duckdb
import krippendorff
import numpy as np

from plumbline.statistics.agreement import agreement_from_counts

ITEMS, RATERS, PART = 100_000, 100, 300

# A rater sees the item's label seven times in ten, else guesses; a tenth of the ratings is missing.
RATINGS = f"""
    create table ratings as
    select item_id, rater_id,
        case when hash(item_id, rater_id, 1) % 10 < 7 then hash(item_id, 2) % 5 else hash(item_id, rater_id, 3) % 5 end
            as label
    from range({ITEMS}) as items(item_id), range({RATERS}) as raters(rater_id)
    where hash(item_id, rater_id, 4) % 10 > 0
"""


def main() -> None:
    """Print what it costs, and that it is right."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GiB"}) as connection:
        connection.execute(RATINGS)
        started = time.perf_counter()
        counts = [
            connection.execute(f"select {by}, label, count(*) as ratings from ratings group by all").df()
            for by in ("item_id", "rater_id")
        ]
        found = agreement_from_counts(*counts)
        seconds = time.perf_counter() - started
        part = connection.execute(f"select * from ratings where item_id < {PART}").df()
    print(found.drop(columns="reason").to_string(index=False))
    wide = part.pivot(index="rater_id", columns="item_id", values="label").to_numpy(float)
    expected = krippendorff.alpha(wide, level_of_measurement="nominal")
    of_part = part.groupby(["item_id", "label"]).size().rename("ratings").reset_index()
    alpha = agreement_from_counts(of_part).set_index("coefficient").loc["krippendorff_alpha", "estimate"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.1f} s, {peak:,.0f} MiB at the peak, the making of the ratings included")
    print(f"alpha of {PART} items: {alpha:.12f}, of krippendorff {expected:.12f}")
    if not np.isclose(alpha, expected, rtol=1e-9):
        raise SystemExit("they differ")


if __name__ == "__main__":
    main()
