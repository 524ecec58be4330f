"""The accuracy behind auditors who err, by policy group, counted again audit by audit."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, Project
from counted import landed_last

MEASURES = ("remove", "restrict", "age_restrict", "label")
COLUMNS = {"all": "all", "queue": "queue_id", "suspected_policy": "suspected_policy_code", "site": "site_id"}
_VERDICTS = """
    select verdicts.*, moderator_key, decisions.task_id, decisions.is_gold, policy_group, 'all' as "all"
    from dev_marts.fct_verdicts as verdicts
    inner join (select decision_id, task_id, is_gold from dev_marts.fct_decisions) as decisions using (decision_id)
    inner join dev_marts.fct_decision_people using (decision_id)
    left join (select distinct policy_code, policy_group from read_csv('{seed}')) as policies
        on policies.policy_code = verdicts.suspected_policy_code
"""


@pytest.fixture(scope="module")
def verdicts(demo: Project) -> pd.DataFrame:
    with demo.connect() as connection:
        seed = ROOT / "seeds" / "reference" / "policies.csv"
        found = connection.execute(_VERDICTS.format(seed=seed)).df()
        # What continues a gold item is gold, too.
        tasks = (
            f"with landed as ({landed_last(demo, 'tasks')}) select landed.task_id, roots.gold_outcome from landed"
            " inner join landed as roots on roots.task_id = coalesce(landed.root_task_id, landed.task_id)"
            " where roots.is_gold"
        )
        gold = connection.execute(tasks).df()
    return found.merge(gold, on="task_id", how="left").assign(weight=lambda own: own["weight"].astype(float))


@pytest.fixture(scope="module")
def seen(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Sensitivity and specificity of each policy group and of all, half an item found and half a missed one added."""
    gold = verdicts[verdicts["is_gold"] & verdicts["gold_outcome"].notna() & verdicts["initial_outcome"].notna()]
    called = gold["initial_outcome"].isin(MEASURES)
    items = pd.DataFrame({"group": gold["policy_group"], "truly": gold["gold_outcome"].isin(MEASURES), "right": called})
    items["right"] = items["right"] == items["truly"]

    def share(own: pd.DataFrame) -> float:
        return (own["right"].sum() + 0.5) / (len(own) + 1)

    rows = {}
    for name, own in [*items.groupby("group"), ("pool", items)]:
        violative, other = own[own["truly"]], own[~own["truly"]]
        assert min(len(violative), len(other)) >= 30
        rows[name] = {
            "se": share(violative), "sp": share(other), "violative": len(violative), "non_violative": len(other)
        }  # fmt: skip
    return pd.DataFrame(rows).T


def corrected(verdicts: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Of each audit how right the decision is taken to be: 1 or 0 by the auditor, stretched by what auditors miss."""
    own = verdicts[verdicts["initial_cell"].notna() & verdicts["is_production"] & verdicts["weight"].notna()]
    own = own[own["sample_design"] != "targeted"]
    se, sp = (seen[name].loc[own["group"]].to_numpy() for name in ("se", "sp"))
    is_enforcement_action = own["initial_cell"].isin(["true_positive", "false_positive"]).to_numpy()
    is_called = own["initial_cell"].isin(["true_positive", "false_negative"]).to_numpy()
    violative = (is_called + sp - 1) / (se + sp - 1)
    return own.assign(
        right=np.where(is_enforcement_action, violative, 1 - violative), is_enforcement_action=is_enforcement_action
    )


def hajek(own: pd.DataFrame) -> tuple[float, float]:
    """The weighted mean and its variance, clustered by moderator."""
    mean = (own["weight"] * own["right"]).sum() / own["weight"].sum()
    of_people = (own["weight"] * (own["right"] - mean)).groupby(own["moderator_key"]).sum()
    n = len(of_people)
    return mean, n / (n - 1) * (of_people**2).sum() / own["weight"].sum() ** 2


@pytest.mark.parametrize("slice_type", COLUMNS)
def test_each_decision_is_corrected_by_the_auditors_of_its_policy_group(
    slice_type: str, demo: Project, verdicts: pd.DataFrame, seen: pd.DataFrame
) -> None:
    by_group = corrected(verdicts.assign(group=verdicts["policy_group"]), seen)
    pooled = corrected(verdicts.assign(group="pool"), seen)
    with demo.connect() as connection:
        marts = connection.execute(
            "select slice, cast(period_start as timestamp) as quarter, estimate, pooled_estimate, standard_error,"
            " audits, auditor_error_from from dev_marts.mart_quality_estimates"
            " where metric_id = 'truth_adjusted_accuracy'"
            f" and grain = 'quarter' and scope = 'all' and slice_type = '{slice_type}' and estimate is not null"
        ).df()
    assert len(marts) > (2 if slice_type == "all" else 10)
    assert set(marts["auditor_error_from"]) == {"own policy group"}
    for row in marts.itertuples():
        in_slice = (by_group[COLUMNS[slice_type]] == row.slice) & (
            by_group["decided_on"].dt.to_period("Q").dt.start_time == row.quarter
        )
        own = by_group[in_slice]
        mean, variance = hajek(own)
        pool, _ = hajek(pooled[in_slice.to_numpy()])
        assert row.audits == len(own)
        assert row.estimate == pytest.approx(min(1.0, mean), rel=1e-9)
        assert row.pooled_estimate == pytest.approx(min(1.0, pool), rel=1e-9)
        # What is not known of auditors comes on top of what the draw leaves open; half a success and half a failure are
        # added to the latter.
        assert row.standard_error**2 > 0.9 * variance


def test_the_error_of_all_is_that_of_the_draw_and_of_the_auditors(
    demo: Project, verdicts: pd.DataFrame, seen: pd.DataFrame
) -> None:
    """By drawing how well auditors see a thousand times, and the sampling error audit by audit."""
    own = corrected(verdicts.assign(group=verdicts["policy_group"]), seen)
    own = own[own["decided_on"].dt.to_period("Q") == pd.Period("2026Q2")]
    _, sampled = hajek(own)
    rng = np.random.default_rng(4)
    drawn = []
    for _ in range(300):
        again = seen.assign(
            se=rng.beta(seen["se"] * (seen["violative"] + 1), (1 - seen["se"]) * (seen["violative"] + 1)),
            sp=rng.beta(seen["sp"] * (seen["non_violative"] + 1), (1 - seen["sp"]) * (seen["non_violative"] + 1)),
        )
        drawn.append(hajek(corrected(own, again))[0])
    ((error,),) = demo.query(
        "select standard_error from dev_marts.mart_quality_estimates where metric_id = 'truth_adjusted_accuracy'"
        " and grain = 'quarter' and slice_type = 'all' and scope = 'all' and period_start = date '2026-04-01'"
    )
    assert float(str(error)) == pytest.approx(np.sqrt(sampled + np.var(drawn)), rel=0.1)


def test_the_safety_of_minors_is_seen_by_the_auditors_of_safety(demo: Project) -> None:
    """48 violative items of which auditors found 43, 105 others of which they cleared 102: less than others."""
    ((own, pooled),) = demo.query(
        "select estimate, pooled_estimate from dev_marts.mart_quality_estimates"
        " where metric_id = 'truth_adjusted_accuracy' and grain = 'quarter' and scope = 'all'"
        " and slice_type = 'suspected_policy' and slice = 'minor_safety' and period_start = date '2026-01-01'"
    )
    assert float(str(pooled)) == pytest.approx(0.943, abs=0.001)
    assert float(str(own)) == pytest.approx(0.963, abs=0.001)
