"""Who leans to one side of the reference in calibration: reads counts by rater, calls plumbline.statistics."""

from plumbline.statistics.agreement import strictness

NUMBERS = ["estimate", "standard_error", "lower", "upper"]
COLUMNS = ["rater_key", "ratings", "stricter_ratings", "milder_ratings", *NUMBERS, "first_rated_on", "last_rated_on"]
DIGITS = 12


def model(dbt, session):
    """One row per rater."""
    dbt.config(materialized="table")
    raters = dbt.ref("int_rater_strictness").order("rater_key").df()
    found = strictness(raters["stricter_ratings"], raters["milder_ratings"], raters["ratings"])
    frame = raters.assign(**{name: found[name].to_numpy() for name in NUMBERS})
    frame = frame.astype(dict.fromkeys(NUMBERS, "float64") | {"rater_key": "string"})
    return frame.round(dict.fromkeys(NUMBERS, DIGITS))[COLUMNS]
