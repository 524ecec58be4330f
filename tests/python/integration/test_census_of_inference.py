"""Whom the models of quality name, held against the census: what is true of every decision, and what audits would say.

The census has of every decision whether it is correct, and how likely an audit says so (`audit_says_correct`): what
audits
estimate, since auditors err and one of them is lenient. Fits of the census are statsmodels' on its rows.
"""

import numpy as np
import pandas as pd
import pytest
from conftest import Project
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.multitest import multipletests

from plumbline.statistics.regression import logit

PREDICTORS = ["queue_id", "language", "site_id", "tenure", "day_kind"]
# The queue that is harder than any other in the made-up platform, and beginners, who err twice as often.
PLANTED = {"queue_id: video_sensitive", "tenure: under 90 days"}
_CENSUS = """
    with hired as (
        select moderator_id, min(hired_on) as hired_on from '{landing}/workforce/moderators/*/sample.parquet' group by 1
    )
    select
        moderator_id, queue_id, language, site_id,
        case when decided_on - hired_on < 90 then 'under 90 days' else '90 days and more' end as tenure,
        case when isodow(decided_on) >= 6 then 'weekend' else 'weekday' end as day_kind,
        cast((outcome = 'no_violation') <> (true_outcome = 'no_violation') as double) as is_error,
        1 - audit_says_correct as called_error, cast(audit_probability as double) as audit_probability
    from '{landing}/_census/decisions/*.parquet' inner join hired using (moderator_id)
    where decided_by = 'human' and is_production and outcome not in ('skip', 'escalate') and queue_id <> 'ads'
        and decided_on >= (select as_of_day - 91 from dev_intermediate.int_as_of)
    order by decision_id
"""


@pytest.fixture(scope="module")
def census(demo: Project) -> pd.DataFrame:
    """Human decisions of 91 days; not of advertising, of which no approval is in a frame."""
    with demo.connect() as connection:
        return connection.execute(_CENSUS.format(landing=demo.landing)).df()


@pytest.fixture(scope="module")
def drivers(demo: Project) -> pd.DataFrame:
    with demo.connect() as connection:
        return connection.execute("from dev_marts.mart_error_drivers").df().set_index("term")


def log_odds(census: pd.DataFrame, outcome: str) -> "pd.Series[float]":
    """Of each term, by another route: statsmodels on single decisions, each value beside the first by name."""
    dummies = pd.get_dummies(census[PREDICTORS], prefix_sep=": ", dtype=float)
    first = [f"{name}: {census[name].min()}" for name in PREDICTORS]
    design = dummies.drop(columns=first).assign(intercept=1.0)
    return pd.Series(GLM(census[outcome], design, family=Binomial()).fit().params).drop("intercept")


def test_error_drivers_hold_the_odds_ratios_of_the_census(drivers: pd.DataFrame, census: pd.DataFrame) -> None:
    expected = np.exp(log_odds(census, "called_error"))
    own = drivers[drivers["odds_ratio"].notna()]
    assert set(own.index) == set(expected.index)
    inside = expected.between(own["odds_ratio_lower"], own["odds_ratio_upper"])
    # Of 22 terms one misses by chance; three would be found in one of thirty samples.
    assert inside.sum() >= len(expected) - 2, list(expected.index[~inside])


def test_error_drivers_blame_no_innocent(drivers: pd.DataFrame, census: pd.DataFrame) -> None:
    truth = log_odds(census, "is_error")
    named = set(drivers.index[drivers["is_found"]])
    assert "queue_id: video_sensitive" in named
    assert not named - PLANTED
    # Against the census every site is as good as the first, or better.
    assert np.exp(truth.filter(like="site_id")).between(0.6, 1.05).all()
    assert drivers.filter(like="site_id", axis=0)["odds_ratio"].max() < 2.5


def test_a_queue_whose_approvals_nobody_audits_is_left_out_and_says_so(drivers: pd.DataFrame) -> None:
    ads = drivers.loc["queue_id: ads"]
    assert (
        ads["not_estimable_reason"] == "no decision without an enforcement action was audited with a known probability"
    )
    assert pd.isna(ads["odds_ratio"])
    assert not ads["is_found"]
    assert ads["n"] > 100
    assert list(drivers.index[drivers["not_estimable_reason"].notna()]) == ["queue_id: ads"]


@pytest.mark.slow
def test_drawn_anew_the_innocent_are_named_once_in_twenty_and_intervals_hold(census: pd.DataFrame) -> None:
    """Twenty audits of the same decisions: who is drawn, and what auditors say, by other chances."""
    expected = log_odds(census, "called_error")
    held, named = [], []
    for seed in range(20):
        drawn, said = np.random.default_rng([11, seed]).random((2, len(census)))
        sample = census[drawn < census["audit_probability"]].assign(weight=lambda own: 1 / own["audit_probability"])
        sample = sample.assign(error=(said[sample.index] < sample["called_error"]).astype(int))
        found = logit(
            sample, "error", PREDICTORS, weights="weight", errors="cluster", cluster="moderator_id"
        ).set_index("term").drop("(intercept)")  # fmt: skip
        held.append(expected.between(found["lower"], found["upper"])[expected.index])
        is_named = multipletests(found["p_value"], method="fdr_bh")[0]
        named.append(pd.Series(is_named, index=found.index)[expected.index])
    shares = pd.concat(held, axis=1).mean(axis=1)
    # Of 440 intervals that share samples, 95 % to two points and a half.
    assert 0.925 <= shares.mean() <= 0.985
    assert shares.min() >= 0.75
    by_term = pd.concat(named, axis=1).mean(axis=1)
    assert by_term.drop(sorted(PLANTED)).mean() <= 0.05
    assert by_term["queue_id: video_sensitive"] > 0.9


_TRUE_DIFFERENCES = """
    with judged as (
        select '{kind}' as group_type, {kind}_id as member, cast(date_trunc('quarter', decided_on) as date) as quarter,
            queue_id || suspected_policy_code || language || content_type as cell, audit_says_correct
        from '{landing}/_census/decisions/*.parquet'
        where decided_by = 'human' and is_production and outcome not in ('skip', 'escalate') and queue_id <> 'ads'
    ),
    cells as (
        select group_type, member, quarter, cell, count(*) as n, avg(audit_says_correct) as share
        from judged group by all
    )
    select one.group_type, one.member as group_1, other.member as group_2, one.quarter as quarter_starting_on,
        sum((one.share - other.share) * (one.n + other.n)) / sum(one.n + other.n) as difference
    from cells as one inner join cells as other using (group_type, quarter, cell)
    where one.member < other.member group by all
"""


def test_sites_and_vendors_are_named_only_where_the_census_has_them_differ(demo: Project) -> None:
    """Before disputes. The interval holds what audits of every decision on the same work would find."""
    of_kinds = [_TRUE_DIFFERENCES.format(kind=kind, landing=demo.landing) for kind in ("site", "vendor")]
    true = " union all ".join(f"select * from ({query})" for query in of_kinds)
    with demo.connect() as connection:
        found = connection.execute(
            f"""
            with true_differences as ({true})
            select * from dev_marts.mart_site_comparisons
            inner join true_differences using (group_type, group_1, group_2, quarter_starting_on)
            where standardised_difference is not null
            """
        ).df()
    first = found[found["stage"] == "initial"]
    assert len(first) >= 40
    inside = first["difference"].between(first["lower"], first["upper"])
    assert inside.mean() >= 0.9
    named = first[first["is_different"]]
    assert (np.sign(named["difference"]) == np.sign(named["standardised_difference"])).all()
    assert (named["difference"].abs() > 0.02).all()
    # After disputes whoever disputes everything is ahead: of palmera's places the mart says that disputes made it.
    last = found[(found["stage"] == "final") & found["is_different"]]
    palmera = last[last[["group_1", "group_2"]].isin(["palmera", "bogota", "casablanca"]).any(axis=1)]
    assert len(palmera) > 5
    assert not palmera["is_different_before_disputes"].any()
    innocent = last.drop(palmera.index)
    assert (np.sign(innocent["difference"]) == np.sign(innocent["standardised_difference"])).all()


def test_no_comparison_rests_on_a_queue_of_which_measures_alone_are_audited(demo: Project) -> None:
    rows = demo.query("select distinct split_part(cell, ' / ', 1) from dev_intermediate.int_comparison_cells")
    queues = {str(queue) for (queue,) in rows}
    assert "ads" not in queues
    assert {"accounts", "live", "video_sensitive"} <= queues
    ((with_ads, without),) = demo.query(
        "select sum(audits) filter (where queue_id = 'ads'),"
        " (select sum(audits) from dev_intermediate.int_detector_bins)"
        " - sum(audits) filter (where queue_id is distinct from 'ads') from dev_intermediate.int_detector_bins_daily"
    )
    assert int(str(with_ads)) > 0
    assert int(str(without)) == 0
