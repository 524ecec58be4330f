"""What marts hold on the demo, beside what landed and facts counted by hand; and what the README shows of them."""

import json

import pytest
from conftest import ROOT, Project
from landed_facts import FACTS, differences
from test_readme import EXAMPLES

from plumbline.landing.contract import load_contracts


def test_every_table_of_the_contract_has_rows(demo: Project) -> None:
    landed = json.loads((demo.landing / "truths.json").read_text())["counts"]
    assert set(landed) == {f"{contract.source}.{contract.table}" for contract in load_contracts()}
    assert all(counts["landed"] > 0 for counts in landed.values())


def test_the_results_that_the_readme_shows_are_those_found(demo: Project) -> None:
    for query, table in EXAMPLES:
        shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        found = [["" if value is None else str(value) for value in row] for row in demo.query(query)]
        assert found == shown


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_holds_what_landed_last(fact: str, demo: Project) -> None:
    assert differences(demo, fact) == (0, 0)


def test_every_fact_is_held_by_what_landed_or_by_the_census(demo: Project) -> None:
    # Decisions and tasks are held by the census, verdicts by draws of audits; events of tickets are several rows of
    # their table, and checks of configuration are of days.
    held = {"fct_decisions", "fct_tasks", "fct_verdicts", "fct_ticket_events", "fct_configuration_checks"}
    facts = demo.query(
        "select table_name from information_schema.tables"
        " where table_schema = 'dev_marts' and table_name like 'fct\\_%' escape '\\'"
    )
    assert {str(name) for (name,) in facts} == held | set(FACTS)


def test_transparency_figures_are_those_of_the_facts(demo: Project) -> None:
    def figures(section: str, indicator: str) -> dict[str, float]:
        rows = demo.query(
            "select scope, figure from dev_marts.mart_dsa_transparency where period_start = date '2026-01-01'"
            f" and section = '{section}' and indicator = '{indicator}' and figure is not null"
        )
        return {str(scope): float(str(figure)) for scope, figure in rows}

    first_half = "between date '2026-01-01' and date '2026-06-30'"
    states = "market in ('DE', 'ES', 'FR')"
    complaints = figures(
        "Internal complaints mechanism", "Number of complaints submitted to the internal-complaints mechanism"
    )
    appeals = f"""
        from dev_marts.fct_appeals where channel = 'internal' and not is_before_decision and {states}
            and cast(appealed_at as date) {first_half}
    """
    ((total, upheld, reversed_, median),) = demo.query(
        "select count(*), count(*) filter (where outcome = 'upheld'), count(*) filter (where outcome = 'reversed'),"
        f" median(date_diff('second', appealed_at, resolved_at)) / 86400 {appeals}"
    )
    assert (complaints["total"], complaints["Decisions upheld"], complaints["Decisions reversed"]) == (
        total, upheld, reversed_,
    )  # fmt: skip
    assert complaints["Median time"] == pytest.approx(float(str(median)), rel=1e-6)
    assert min(int(str(upheld)), int(str(reversed_))) > 0
    machines = "Use of automated means for content moderation"
    measures = figures(machines, "Number of measures solely taken by automated means")
    ((automated,),) = demo.query(
        "select count(*) from dev_marts.fct_decisions where is_enforcement_action and automation_level = 'full'"
        f" and {states} and decided_on {first_half}"
    )
    assert measures.pop("total") == sum(measures.values()) == automated
    own = figures("Own-initiative content moderation", "Number of measures taken at own initiative")
    statements = demo.query(
        "select count(*) from dev_marts.fct_statements_of_reasons where source_type = 'SOURCE_VOLUNTARY'"
        f" and cast(created_at as date) {first_half}"
    )
    assert [(own.pop("total"),)] == statements
    assert own.pop("illegal content", 0) + own.pop("terms and conditions") == statements[0][0]
    assert sum(own.values()) == statements[0][0]
    removals = figures(
        "Internal complaints mechanism",
        "Complaint regarding a decision to remove or disable access to or restrict visibility of information",
    )
    assert [(removals["total"], removals["Decisions upheld"])] == demo.query(
        f"select count(*), count(*) filter (where outcome = 'upheld') {appeals}"
        " and decided_outcome in ('remove', 'restrict', 'age_restrict', 'label')"
    )
    imposed = figures(
        "Internal complaints mechanism", "Number of restrictions newly imposed as a result of an internal complaint"
    )
    assert [(imposed.get("total", 0),)] == demo.query(
        f"select count(*) {appeals} and decided_outcome = 'no_violation'"
        " and outcome in ('reversed', 'partially_reversed')"
    )
    orders = figures("Orders of Member States", "Number of orders to act against illegal content")
    assert [(orders["total"],)] == demo.query(
        "select count(*) from dev_marts.fct_authority_orders where kind = 'act'"
        f" and cast(received_at as date) {first_half}"
    )
    people = figures(
        "Human resources dedicated to content moderation", "Number of internal moderators employed by the provider"
    )
    assert [(people["total"],)] == demo.query(
        "select count(distinct moderator_key) from dev_marts.dim_moderator"
        " where vendor_id = 'in_house' and role = 'moderator'"
        " and date '2026-06-30' between valid_from and valid_to and hired_on <= date '2026-06-30'"
        " and coalesce(left_on, date '9999-01-01') >= date '2026-06-30'"
    )


def test_the_worked_number_of_measures_is_of_the_demo(demo: Project) -> None:
    acts = dict(
        demo.query(
            """
            select
                case when automation_level = 'full' then 'automation' when is_gold then 'gold'
                    when origin in ('audit', 'appeal') then origin else 'production' end,
                count(*)
            from dev_marts.fct_decisions where outcome in ('remove', 'restrict', 'age_restrict', 'label') group by 1
            """
        )
    )
    counts = {str(kind): int(str(count)) for kind, count in acts.items()}
    worked = (ROOT / "docs" / "decisions" / "enforcement-action.md").read_text()
    assert len(counts) == 5
    for count in counts.values():
        assert f"{count:,}" in worked
    taken = counts["automation"] + counts["production"]
    assert f"**{counts['automation'] / taken:.1%}**".replace("%", " %") in worked
    assert f"{counts['automation'] / sum(counts.values()):.1%}".replace("%", " %") in worked


def test_own_figures_beside_others_are_of_whole_periods(demo: Project) -> None:
    """The sample goes from the first of January to the twentieth of July."""
    periods = demo.query("select distinct period from dev_marts.mart_public_benchmarks where source = 'own' order by 1")
    assert [period for (period,) in periods] == ["2026-01-01", "Apr-Jun 2026", "Jan-Mar 2026"]
    metrics = {
        str(metric)
        for (metric,) in demo.query(
            "select metric from dev_marts.mart_public_benchmarks where source = 'own' and is_whole"
        )
    }
    # Appeals against what was decided in June may still come, and of what automation removes nobody knows the age.
    assert "Number of measures solely taken by automated means" in metrics
    assert not [metric for metric in metrics if metric.startswith("Accuracy of the automated means")]
    assert "Removal rate before any views" in metrics
    assert "Removal rate within 24 hours" not in metrics


def test_the_load_of_auditors_is_that_of_their_audits(demo: Project) -> None:
    told = "week_starting_on, auditor_type, auditors, audits, unauditable_audits, disputed_audits, lost_disputes"
    by_facts = """
        select cast(date_trunc('week', audited_on) as date), auditor_type, count(distinct auditor_key), count(*),
            count(*) filter (where audited_outcome = 'unauditable'), count(dispute_status),
            count(*) filter (where dispute_status = 'accepted')
        from dev_marts.fct_audits inner join dev_marts.fct_audit_people using (audit_id, audited_on)
        group by all having count(distinct auditor_key) >= 5 order by all
    """
    loads = demo.query(f"select {told} from dev_marts.mart_auditor_load where auditors is not null order by all")
    assert loads == demo.query(by_facts)
    assert len(loads) > 20
    # Adjudicators are one person: nothing is told of them.
    assert demo.query(
        "select count(*), count(audits) from dev_marts.mart_auditor_load where auditor_type = 'lead'"
    ) == [(28, 0)]


def test_policies_against_the_rest_are_those_of_the_verdicts(demo: Project) -> None:
    """Verdict by verdict, each policy with every other: another way than the mart's, which adds up what is named."""
    mart = """
        select policy_code, sum(true_positive_weight), sum(false_positive_weight), sum(false_negative_weight),
            sum(true_negative_weight)
        from dev_marts.mart_policy_errors group by policy_code order by policy_code
    """
    counted = demo.query(
        """
        with judged as (
            select weight, outcome <> 'no_violation' as is_enforcement_action,
                final_outcome <> 'no_violation' as is_violative,
                decided_policy_code, true_policy_code
            from dev_marts.fct_verdicts
            where is_production and sample_design <> 'targeted' and final_cell is not null and weight is not null
        )
        select
            p.policy_code,
            sum(case when is_enforcement_action and decided_policy_code = p.policy_code and is_violative
                and true_policy_code = p.policy_code then weight else 0 end),
            sum(case when is_enforcement_action and decided_policy_code = p.policy_code
                and not (is_violative and true_policy_code = p.policy_code) then weight else 0 end),
            sum(case when is_violative and true_policy_code = p.policy_code
                and not (is_enforcement_action and decided_policy_code = p.policy_code) then weight else 0 end),
            sum(case when not (is_enforcement_action and decided_policy_code = p.policy_code)
                and not (is_violative and true_policy_code = p.policy_code) then weight else 0 end)
        from judged cross join (select distinct policy_code from dev_marts.dim_policy_version) as p
        where p.policy_code not in ('(unmapped)', '(none)')
        group by p.policy_code order by p.policy_code
        """
    )
    found = demo.query(mart)
    assert [row[0] for row in found] == [row[0] for row in counted]
    for ours, theirs in zip(found, counted, strict=True):
        assert [float(str(value)) for value in ours[1:]] == pytest.approx([float(str(v)) for v in theirs[1:]], rel=1e-6)
    assert sum(float(str(row[2])) for row in found) > 0
