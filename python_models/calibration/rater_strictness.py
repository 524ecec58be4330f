"""Who leans to one side of the reference in calibration: reads counts by rater, calls plumbline.statistics."""

from plumbline.results import typed
from plumbline.statistics.agreement import strictness
from plumbline.statistics.comparison import adjust

COLUMNS = {
    "rater_key": "text",
    "ratings": "count",
    "stricter_ratings": "count",
    "milder_ratings": "count",
    "estimate": "number",
    "standard_error": "number",
    "lower": "number",
    "upper": "number",
    "p_value": "number",
    "adjusted_p_value": "number",
    "first_rated_on": "day",
    "last_rated_on": "day",
}


def model(dbt, session):
    """One row per rater."""
    dbt.config(materialized="table")
    raters = dbt.ref("int_rater_strictness").order("rater_key").df()
    found = strictness(raters["stricter_ratings"], raters["milder_ratings"], raters["ratings"])
    # Of a hundred raters five lean by chance: corrected for all.
    return typed(raters.join(found).assign(adjusted_p_value=adjust(found["p_value"])), COLUMNS)
