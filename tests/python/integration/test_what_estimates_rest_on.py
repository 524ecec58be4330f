"""What each sampled metric rests on, counted again from the audits that landed, and what is withheld."""

from collections.abc import Callable

import pandas as pd
import pytest
from conftest import ROOT, Project
from counted import landed_last

from plumbline.governance.metrics import load_metrics

MEASURES = ("remove", "restrict", "age_restrict", "label")
LEAST_AUDITS, LEAST_PEOPLE = 30, 5
# Of the verdict on a decision: which metric rests on it, as docs/metric_catalogue.md words the denominators.
RESTS_ON: dict[str, Callable[[pd.DataFrame], "pd.Series[bool]"]] = {
    "audit_accuracy": lambda own: own["is_judged"],
    "audit_action_accuracy": lambda own: own["is_judged"],
    "critical_error_rate": lambda own: own["is_judged"],
    "audit_accuracy_initial": lambda own: own["is_judged_initially"],
    "audit_precision": lambda own: own["is_judged"] & own["is_enforcement_action"],
    "false_removal_rate": lambda own: own["is_judged"] & own["is_enforcement_action"],
    "leakage_rate": lambda own: own["is_judged"] & ~own["is_enforcement_action"],
    "review_recall": lambda own: own["is_judged"] & own["is_violative"],
    "under_enforcement_rate": lambda own: own["is_judged"] & own["is_violative"],
    "over_enforcement_rate": lambda own: own["is_judged"] & ~own["is_violative"],
    "audit_f1": lambda own: own["is_judged"] & (own["is_enforcement_action"] | own["is_violative"]),
    "audit_policy_label_accuracy": lambda own: (
        own["is_judged"] & own["is_enforcement_action"] & own["is_violative"] & own["final_policy"].notna()
    ),
    "severity_weighted_score": lambda own: (
        own["is_judged"] & ((own["is_enforcement_action"] == own["is_violative"]) | own["severity"].notna())
    ),
    "escalation_correctness": lambda own: (own["outcome"] == "escalate") & own["is_due"].notna(),
}
COLUMNS = {
    "queue": "queue_id",
    "suspected_policy": "suspected_policy_code",
    "decided_policy": "policy_code",
    "true_policy": "true_policy_code",
    "market": "market",
    "language": "language",
    "site": "site_id",
    "vendor": "vendor_id",
}
# Rounds and disputes as docs/decisions/verdict.md has them. In the sample a pair is never disputed.
_VERDICTS = """
    with audits as (
        select * from ({landed}) where audit_id in (select audit_id from dev_marts.fct_audits)
    ),
    first_round as (
        select
            decision_id,
            min(inclusion_probability) as probability,
            count(*) filter (where audited_outcome <> 'unauditable') as answers,
            count(distinct audited_outcome) filter (where audited_outcome <> 'unauditable') as outcomes,
            min(audited_outcome) filter (where audited_outcome <> 'unauditable') as outcome,
            count(distinct coalesce(audited_policy_code, ''))
            filter (where audited_outcome <> 'unauditable') as policies,
            min(audited_policy_code) filter (where audited_outcome <> 'unauditable') as policy,
            max(severity) as severity
        from audits where audit_round = 1 and sample_design <> 'targeted' group by decision_id
    ),
    later as (
        select decision_id, audited_outcome as outcome, audited_policy_code as policy from audits where audit_round = 2
    ),
    disputes as (
        select decision_id, final_outcome as outcome, final_policy_code as policy, dispute_status
        from audits where dispute_status is not null
    )
    select
        decision_id,
        round(1 / f.probability, 6) as weight,
        coalesce(d.dispute_status = 'raised', false) as is_provisional,
        coalesce(l.outcome, case when f.outcomes = 1 then f.outcome end) as initial_outcome,
        coalesce(d.outcome, l.outcome, case when f.outcomes = 1 then f.outcome end) as final_outcome,
        case
            when d.outcome is not null then d.policy
            when l.outcome is not null then l.policy
            when f.outcomes = 1 and f.policies = 1 then f.policy
        end as final_policy,
        f.severity,
        coalesce(l.outcome, case when f.outcomes = 1 then f.outcome end) = 'escalate' as is_due
    from first_round as f left join later as l using (decision_id) left join disputes as d using (decision_id)
    where f.answers > 0
"""
_DECISIONS = """
    select decision_id, moderator_key, outcome, decided_on, d.queue_id, d.suspected_policy_code, d.policy_code,
        true_policy_code, d.market, d.language, d.site_id, d.vendor_id
    from dev_marts.fct_decisions as d inner join (select decision_id, true_policy_code from dev_marts.fct_verdicts)
        using (decision_id)
    inner join dev_marts.fct_decision_people using (decision_id, decided_on)
    where is_production
"""


@pytest.fixture(scope="module")
def verdicts(demo: Project) -> pd.DataFrame:
    with demo.connect() as connection:
        connection.execute("set threads = 2")
        verdicts = connection.execute(_VERDICTS.format(landed=landed_last(demo, "audits"))).df()
        found = verdicts.merge(connection.execute(_DECISIONS).df(), on="decision_id")
    words = ("no_violation", *MEASURES)
    in_matrix = found["outcome"].isin(words)
    return found.assign(
        is_judged=in_matrix & found["final_outcome"].isin(words),
        is_judged_initially=in_matrix & found["initial_outcome"].isin(words),
        is_enforcement_action=found["outcome"].isin(MEASURES),
        is_violative=found["final_outcome"].isin(MEASURES),
        all="all",
        **{
            grain: found["decided_on"].dt.to_period(frequency).dt.start_time
            for grain, frequency in (("week", "W-SUN"), ("month", "M"), ("quarter", "Q"))
        },
    )


def counted_again(verdicts: pd.DataFrame, name: str, slice_type: str, grain: str) -> pd.DataFrame:
    own = verdicts[RESTS_ON[name](verdicts)]
    own = own.assign(
        squares=own["weight"] ** 2,
        slice=own[COLUMNS.get(slice_type, slice_type)],
        period_start=own[grain],
    )
    return own.groupby(["period_start", "slice"]).agg(
        audits=("decision_id", "size"),
        provisional_audits=("is_provisional", "sum"),
        people=("moderator_key", "nunique"),
        weight=("weight", "sum"),
        squares=("squares", "sum"),
    )


def test_every_sampled_metric_is_counted_again() -> None:
    metrics = load_metrics(ROOT / "models")
    sampled = {metric.name for metric in metrics if metric.meta.get("interval_method") == "hajek"}
    # A cost over an accuracy has the interval of the accuracy, and rests on its audits.
    assert sampled - {"cost_per_correct_decision"} == set(RESTS_ON)


@pytest.mark.parametrize("name", RESTS_ON)
def test_an_estimate_says_how_many_audits_it_rests_on(name: str, demo: Project, verdicts: pd.DataFrame) -> None:
    """In every slice type and grain; on fewer than thirty audits or five people it is withheld, and says so."""
    (metric,) = (metric for metric in load_metrics(ROOT / "models") if metric.name == name)
    with demo.connect() as connection:
        marts = connection.execute(
            "select grain, slice_type, slice, cast(period_start as timestamp) as period_start, audits,"
            " provisional_audits, estimate, standard_error, effective_n, not_estimable_reason as reason"
            f" from dev_marts.mart_quality_estimates where metric_id = '{name}' and scope = 'all'"
        ).df()
    estimates = 0
    for slice_type in ["all", *metric.meta["allowed_slices"]]:
        for grain in ("week", "month", "quarter"):
            expected = counted_again(verdicts, name, slice_type, grain)
            own = marts[(marts["slice_type"] == slice_type) & (marts["grain"] == grain)]
            own = own.set_index(["period_start", "slice"]).join(expected, rsuffix="_again", how="left")
            place = f"{name} by {slice_type} and {grain}"
            assert (own["audits"] == own["audits_again"]).all(), place
            assert (own["provisional_audits"] == own["provisional_audits_again"]).all(), place
            given = own[own["estimate"].notna()]
            assert (given["audits"] >= LEAST_AUDITS).all(), place
            assert (given["people"] >= LEAST_PEOPLE).all(), place
            few = own["reason"].eq("fewer than 30 audits")
            assert (own.loc[few, "audits"] < LEAST_AUDITS).all(), place
            # Nothing that may be published is left out.
            enough = expected[(expected["audits"] >= LEAST_AUDITS)]
            assert enough.index.isin(own.index).all(), place
            # All right or all wrong: as many of equal weight as would say as much, of these audits alone.
            flat = given[given["estimate"].isin([0.0, 1.0])]
            if name not in ("audit_f1", "severity_weighted_score"):
                kish = (flat["weight"] ** 2 / flat["squares"]).to_numpy()
                assert flat["effective_n"].to_numpy() == pytest.approx(kish, rel=1e-6), place
            estimates += len(given)
    assert estimates > 200


def test_no_published_figure_from_audits_rests_on_fewer(demo: Project, verdicts: pd.DataFrame) -> None:
    with demo.connect() as connection:
        values = connection.execute(
            "select metric_id, grain, slice_type, slice, cast(period_start as timestamp) as period_start, n"
            " from dev_reports.rpt_metric_values where is_reportable and scope = 'all' and grain <> 'day'"
            " and list_contains($names, metric_id)",
            {"names": list(RESTS_ON)},
        ).df()
    assert len(values) > 5000
    for (name, slice_type, grain), own in values.groupby(["metric_id", "slice_type", "grain"]):
        expected = counted_again(verdicts, str(name), str(slice_type), str(grain))
        joined = own.set_index(["period_start", "slice"]).join(expected)
        assert (joined["n"] == joined["audits"]).all(), f"{name} by {slice_type} and {grain}"
        assert (joined["audits"] >= LEAST_AUDITS).all(), f"{name} by {slice_type} and {grain}"
