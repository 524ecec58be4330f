"""`make docs`: writes docs/statistics.md, the handbook of methods, each with an example on the demo and its picture.

Figures and pictures are read from the warehouse of a demo sample that has been built (PLUMBLINE_WAREHOUSE).
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import pandas as pd

from plumbline.statistics import comparison, proportions, regression
from plumbline.writing import new_file, write_text

DOCS = Path(__file__).resolve().parent
PICTURES = DOCS / "pictures" / "statistics"
# Okabe and Ito: told apart by every kind of sight.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]

_INTRODUCTION = """# Statistics: which method answers what

Made by `make docs`; a test fails when its figures are not those of the demo. Functions are in `plumbline.statistics`,
each checked against published results; how often their intervals hold the truth is in [coverage](coverage.md).
Models are thin: SQL reduces, Python infers, a mart carries the result.

No result depends on the order of rows, on units, or on what groups and labels are called; a group, item, cluster or
stratum that is missing, or there twice where it may not be, is an error that names the column. What one observation
alone says has [no interval](decisions/one-observation.md) and a reason instead.
"""


@dataclass(frozen=True)
class Method:
    """A method: what it is asked, how it answers, when it must not be asked, and an example on the demo."""

    name: str
    where: str
    question: str
    formula: str
    not_when: str
    example: str
    sql: str
    picture: str
    compute: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    """What Python does with the rows of `sql`, where no mart has done it."""

    draw: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    """What the picture shows of the rows of `sql`, where that is not the table."""

    def drawn(self, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        """The picture's figures: estimates that have an interval."""
        rows = self.draw(connection.execute(self.sql).df()) if self.draw else self.rows(connection)
        return rows[pd.to_numeric(rows["lower"], errors="coerce").notna()]

    def rows(self, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        """The example's figures."""
        found = connection.execute(self.sql).df()
        return self.compute(found) if self.compute else found


def _rounded(frame: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Numbers as a reader wants them; a p-value below the last digit says so."""
    rounded = frame.round(digits)
    if "p_value" in frame:
        rounded["p_value"] = frame["p_value"].round(3).astype(object).where(frame["p_value"] >= 0.001, "under 0.001")
    return rounded.astype(object).where(frame.notna(), "")


def _two_halves(rows: pd.DataFrame) -> pd.DataFrame:
    first, second = rows.to_dict("records")
    found = proportions.difference(first["agreeing"], first["pairs"], second["agreeing"], second["pairs"])
    return _rounded(pd.concat([pd.DataFrame({"who": ["first half less second"]}), found], axis=1))


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = comparison.pairwise(rows, group="site", value="seconds")
    whole = comparison.welch_anova(rows, group="site", value="seconds").assign(who="all sites alike (Welch)")
    named = pairs.assign(who=pairs["group_1"] + " less " + pairs["group_2"])
    columns = ["who", "estimate", "lower", "upper", "p_value"]
    return _rounded(pd.concat([named[columns], whole.reindex(columns=columns)], ignore_index=True), 1)


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    found = comparison.chi_square(rows[["accepted", "rejected"]])
    columns = ["n", "statistic", "df", "p_value", "cramers_v", "least_expected"]
    return _rounded(found[columns].astype({"n": int, "df": int}))


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    found = proportions.interval(rows["accepted"], rows["accepted"] + rows["rejected"])
    return found.assign(who=rows["vendor"])


def _moves(rows: pd.DataFrame) -> pd.DataFrame:
    """From the number that was planned to the one that should be, which has the point."""
    ends = rows[["current_n", "planned_n"]]
    return rows.assign(estimate=rows["planned_n"], lower=ends.min(axis=1), upper=ends.max(axis=1))


def _regressed(rows: pd.DataFrame) -> pd.DataFrame:
    found = regression.linear(rows, "seconds", ["weekend", "queue"], errors="robust")
    columns = ["who", "estimate", "lower", "upper", "p_value"]
    return _rounded(found.rename(columns={"term": "who"})[columns].query("who != '(intercept)'"), 2)


def _drivers(rows: pd.DataFrame) -> pd.DataFrame:
    return _rounded(rows, 2)


METHODS = (
    Method(
        name="Share with its interval",
        where="`proportions.interval`",
        question="How sure is a share of independent trials?",
        formula="Wilson: the shares p that |p̂ - p| ≤ z √(p(1 - p)/n) does not reject. Clopper-Pearson: those that"
        " neither binomial tail of α/2 rejects, never too short. Jeffreys: quantiles of Beta(x + ½, n - x + ½).",
        not_when="Weighted or clustered audits (below). Wilson for a bound that must not be missed: Clopper-Pearson.",
        example="Of 13 successes in 16: Wilson 0.570 to 0.934, Clopper-Pearson 0.544 to 0.960, Jeffreys 0.579 to 0.944."
        " In the demo, how often two blind auditors agree, by month:",
        sql="""
            select strftime(period_start, '%Y-%m') as month, n, round(metric_value, 3) as estimate,
                round("lower", 3) as "lower", round("upper", 3) as "upper"
            from dev_reports.rpt_metric_values
            where metric_id = 'auditor_agreement' and grain = 'month' and scope = 'all' and slice_type = 'all'
                and is_complete and is_reportable
            order by period_start
        """,
        picture="month",
    ),
    Method(
        name="Difference of two shares",
        where="`proportions.difference`",
        question="Do two independent shares differ, and by how much?",
        formula="Newcombe: p1 - p2, its bounds put together from the Wilson bounds of both: the lower is"
        " δ - √((p1 - l1)² + (u2 - p2)²), the upper δ + √((u1 - p1)² + (p2 - l2)²).",
        not_when="The same units twice (agreement of raters is of pairs); weighted audits; many groups (below).",
        example="Blind pairs of audits that agree, first half of the demo less its second:",
        sql="""
            select period_start >= date '2026-04-10' as is_second, sum(numerator) as agreeing, sum(denominator) as pairs
            from dev_marts.mart_metric_series
            where metric_id = 'auditor_agreement' and grain = 'day' and scope = 'all' and slice_type = 'all'
            group by all order by all
        """,
        picture="who",
        compute=_two_halves,
    ),
    Method(
        name="Quality from drawn audits",
        where="`proportions.weighted`, `mart_quality_estimates`",
        question="What share of all decisions is right, judged by those that were drawn to be audited?",
        formula="Hájek: p = Σwy / Σw, w one over the probability of the draw. Variance: c/(c - 1) Σ(Σwy - pΣw)² /"
        " (Σw)² over"
        " the c moderators, since one moderator's decisions go together. Interval: logit ± t(c - 1) · se / (p(1 - p)).",
        not_when="Targeted audits: they have no weight. Fewer than 30 audits or 5 moderators in the metric's own"
        " denominator, or one moderator with over nine tenths of the weight. Where strata of fixed"
        " size"
        " differ much the error is somewhat too large, since strata are not taken out in SQL (`stratum=` does in"
        " Python). Strata of known size by themselves: `proportions.stratified`, `mean_stratified`, ΣWp with variance"
        " ΣW²(1 - f)p(1 - p)/(n - 1).",
        example="Accuracy of the queue video_sensitive by month, before disputes and after:",
        sql="""
            select strftime(period_start, '%Y-%m') as month,
                replace(metric_id, 'audit_accuracy_initial', 'before disputes')
                    .replace('audit_accuracy', 'after disputes') as who,
                round(estimate, 3) as estimate, round("lower", 3) as "lower", round("upper", 3) as "upper"
            from dev_marts.mart_quality_estimates
            where metric_id in ('audit_accuracy', 'audit_accuracy_initial') and grain = 'month' and scope = 'all'
                and slice_type = 'queue' and slice = 'video_sensitive' and period_start < date '2026-07-01'
            order by period_start, who
        """,
        picture="month",
    ),
    Method(
        name="Accuracy behind auditors who err",
        where="`proportions.accuracy_given_auditor_error`, `mart_quality_estimates`",
        question="What would the accuracy be if auditors saw everything?",
        formula="In each arm (decisions with a measure, and without) the share called violative becomes"
        " (observed + Sp - 1)/(Se + Sp - 1), Se and Sp from gold items of the decisions' policy group, or of all where"
        " the group has fewer than 30 of either kind; accuracy is put together from groups and arms. Its error is that"
        " of the audited accuracy, clustered by moderator and stretched by 1/(Se + Sp - 1), and that of Se and Sp of"
        " each group.",
        not_when="Se + Sp < 1.2; gold items easier than the rest; on an accuracy instead of on a share of"
        " violations:"
        " 0.918 becomes an impossible 1.02. It cannot see what auditors and moderators believe together.",
        example="Over all queues, what auditors said and what that means of the truth, by each policy group's auditors"
        " and by the pool:",
        sql="""
            select strftime(period_start, '%Y-%m') as month,
                case metric_id when 'truth_adjusted_accuracy' then 'corrected' else 'as audited' end as who,
                round(estimate, 3) as estimate, round("lower", 3) as "lower", round("upper", 3) as "upper",
                coalesce(cast(round(pooled_estimate, 3) as varchar), '') as by_the_pool
            from dev_marts.mart_quality_estimates
            where metric_id in ('truth_adjusted_accuracy', 'audit_accuracy_initial') and grain = 'month'
                and scope = 'all' and slice_type = 'all' and period_start < date '2026-07-01'
            order by period_start, who
        """,
        picture="month",
    ),
    Method(
        name="Agreement of raters",
        where="`agreement.agreement`, `agreement.agreement_from_counts`, `mart_inter_rater_agreement`",
        question="Do raters agree beyond what chance would give?",
        formula="(observed - chance)/(1 - chance). Chance: the raters' pooled shares (Fleiss, Krippendorff with a"
        " correction"
        " for few ratings), each rater's own (Cohen, Conger), guesses (Gwet's AC1), one over the labels"
        " (Brennan-Prediger).",
        not_when="Kappa and alpha where nearly all labels are one label: they fall although raters agree; read AC1."
        " Where all are, AC1 is 1 and they are not defined. Agreement is not accuracy. Coefficients of different names"
        " must not be compared. Texts have no order: level ordinal and weights need `labels`, lowest first.",
        example="All calibration of a month, by four coefficients:",
        sql="""
            select strftime(period_start, '%Y-%m') as month, coefficient as who, round(estimate, 3) as estimate,
                round("lower", 3) as "lower", round("upper", 3) as "upper"
            from dev_marts.mart_inter_rater_agreement
            where slice_type = 'all' and period_start between date '2026-02-01' and date '2026-04-01'
                and coefficient in ('percent_agreement', 'fleiss_kappa', 'krippendorff_alpha', 'gwet_ac1')
            order by period_start, who
        """,
        picture="month",
    ),
    Method(
        name="Strictness of raters",
        where="`agreement.strictness`, metric `strictness_bias`, `mart_rater_strictness` (private)",
        question="Does a rater lean to one side of the reference?",
        formula="(stricter - milder)/n on labels that have an order; interval by Agresti and Min: half a rating added"
        " to each of four cells, then the normal. Who leans: exact sign test, corrected for all raters.",
        not_when="Labels without an order. Ratings that are not independent, as those of a second round. Zero"
        " is no accuracy: who errs to both sides alike has none of it.",
        example="The raters of the demo whose lean is least like chance, of how many, and how many are said to lean:",
        sql="""
            with ranked as (
                select *, row_number() over (order by p_value, rater_key) as place, count(*) over () as raters,
                    count(*) filter (where is_strict or is_mild) over () as leaning
                from dev_marts.mart_rater_strictness
            )
            select 'rater ' || place as who, ratings, round(strictness_bias, 3) as estimate,
                round("lower", 3) as "lower", round("upper", 3) as "upper", round(p_value, 3) as p_value,
                round(adjusted_p_value, 3) as adjusted_p_value, raters, leaning
            from ranked where place <= 4 order by place
        """,
        picture="who",
    ),
    Method(
        name="Groups on the same work",
        where="`comparison.standardised_pairs`, `mart_site_comparisons`",
        question="Is one site or vendor better than another, or is its work easier?",
        formula="Direct standardisation: each group's share per queue × policy × language × content type, weighted by"
        " the mix of"
        " both together, over cells that both have. p-values corrected for all pairs (Benjamini and Hochberg).",
        not_when="Little overlap. Few people who differ much: their clustering is not in the error. A site whose"
        " auditors are"
        " lenient looks good in both; see the next method.",
        example="Vendors in the second quarter, before disputes; the first less the second:",
        sql="""
            select group_1 || ' less ' || group_2 as who, round(raw_difference, 3) as raw,
                round(standardised_difference, 3) as estimate, round("lower", 3) as "lower", round("upper",
                    3) as "upper",
                round(overlap, 2) as overlap, round(adjusted_p_value, 3) as adjusted_p_value
            from dev_marts.mart_site_comparisons
            where group_type = 'vendor' and stage = 'initial' and quarter_starting_on = date '2026-04-01'
            order by who
        """,
        picture="who",
    ),
    Method(
        name="Means of groups",
        where="`comparison.welch_anova`, `pairwise`, `anova`, `t_test`, `mean_interval`",
        question="Do means differ between groups, and between which?",
        formula="F: what groups vary beside what varies within them, each weighted by n/s² (Welch). Pairs:"
        " Games-Howell, q = |difference| / √((s1²/n1 + s2²/n2)/2) beside the studentized range of all groups, so that"
        " the intervals hold together; `tukey` and `anova` where variances are equal, `t_test` for two groups.",
        not_when="Days of one team are not independent: the true p-value is larger than the one here. Long tails: take"
        " logarithms. Shares: methods above and below.",
        example="Mean handle time of a day, in seconds, by site, in June:",
        sql="""
            select site_id as site, reporting_on, sum(handle_seconds) / sum(handled_decisions) as seconds
            from dev_marts.mart_efficiency_daily
            where site_id not in ('(automated)', '(unmapped)') and reporting_on between '2026-06-01' and '2026-06-30'
            group by all having sum(handled_decisions) > 0 order by all
        """,
        picture="who",
        compute=_means,
    ),
    Method(
        name="Counts in a table",
        where="`comparison.chi_square`",
        question="Do rows and columns of a table of counts have to do with each other, and how strongly?",
        formula="χ² = Σ(O - E)²/E, E from the margins; Cramér's V = √(χ²/(n (k - 1))), k the lesser of both sizes.",
        not_when="A cell of which under five are expected. Weighted counts. Units that go together: the p-value is then"
        " too small.",
        example="Settled disputes about audits, accepted or rejected, by vendor; in the picture the share accepted:",
        sql="""
            select slice as vendor, sum(numerator) as accepted, sum(denominator) - sum(numerator) as rejected
            from dev_marts.mart_metric_series
            where metric_id = 'dispute_overturn_rate' and grain = 'month' and scope = 'all' and slice_type = 'vendor'
            group by all order by all
        """,
        picture="who",
        compute=_counts,
        draw=_shares,
    ),
    Method(
        name="Strictness of auditors",
        where="`comparison.standardised_pairs`, `mart_auditor_strictness` (private)",
        question="Whose audits find fewer errors than others' in the same kind of decision?",
        formula="Share of first audits that find an error, own less others', standardised as above over site × queue ×"
        " suspected policy × measure or not; corrected for all auditors.",
        not_when="An auditor who does what nobody else does. Who finds fewer may be right: look at planted items"
        " first.",
        example="Twelve auditors of the demo; one of them lets every second error pass:",
        sql="""
            select 'auditor ' || lpad(cast(row_number() over (order by standardised_difference) as varchar), 2,
                '0') as who,
                audits, round(standardised_difference, 3) as estimate, round("lower", 3) as "lower",
                round("upper", 3) as "upper", is_lenient
            from dev_marts.mart_auditor_strictness
            order by who
        """,
        picture="who",
    ),
    Method(
        name="What goes with errors",
        where="`regression.logit`, `mart_error_drivers`",
        question="Which circumstance goes with errors, the others held?",
        formula="Logistic regression of errors before disputes on queue, language, site, tenure and kind of day."
        " Weights of the draw in the score equations, Σwx(y - p) = 0, so that it is of decisions; sandwich errors,"
        " scores summed by moderator, factor c/(c - 1) (n - 1)/(n - k) of c moderators, n audits and k terms,"
        " Student's t on c - 1. Odds ratio exp(b); marginal effect: mean change of the chance.",
        not_when="To say what causes errors. After disputes: who disputes nothing looks worse. Of values whose"
        " approvals nobody audits: they are left out. Predictors that tell each other (queue and content type). Few"
        " clusters; a value of one moderator alone has no interval. Predictors that tell the outcome perfectly, alone"
        " or together (separation), have no finite effect: refused.",
        example="Queues beside accounts, sites beside Bogotá, and whatever else chance would not make:",
        sql="""
            select term as who, odds_ratio as estimate, odds_ratio_lower as "lower", odds_ratio_upper as "upper",
                is_found, not_estimable_reason as reason
            from dev_marts.mart_error_drivers
            where is_found or term like 'queue_id%' or term like 'site_id%' order by who
        """,
        picture="who",
        compute=_drivers,
    ),
    Method(
        name="A quantity and its circumstances",
        where="`regression.linear`",
        question="How does a quantity go with circumstances, the others held?",
        formula="Least squares; errors HC3, which hold whatever the variance, or clustered by who goes together.",
        not_when="To say what causes what. Shares and counts of few (logit). Fewer than some thirty clusters.",
        example="Mean handle time of a queue and day, in seconds, beside queue accounts and weekdays, in June:",
        sql="""
            select queue_id as queue, extract('isodow' from reporting_on) >= 6 as weekend,
                sum(handle_seconds) / sum(handled_decisions) as seconds
            from dev_marts.mart_efficiency_daily
            where reporting_on between '2026-06-01' and '2026-06-30' and queue_id in ('comments', 'live', 'accounts')
            group by queue_id, reporting_on having sum(handled_decisions) > 0 order by all
        """,
        picture="who",
        compute=_regressed,
    ),
    Method(
        name="Quality of a detector",
        where="`proportions.interval`, `mart_detector_quality`",
        question="Is a score of 0.8 violative eight times in ten, and where should the threshold lie?",
        formula="Per bin of the score the weighted share that audits first find violative (calibration); from the top"
        " down, precision"
        " and recall at each threshold. Wilson's interval on the effective number of audits, (Σw)²/Σw².",
        not_when="For the recall of the platform: only what people reviewed is audited. Few audits a bin.",
        example="The demo's assistant scores at random: its calibration is flat, and precision is the same at any"
        " threshold.",
        sql="""
            select threshold as score, round(violative_share, 3) as estimate, round(violative_share_lower,
                3) as "lower",
                round(violative_share_upper, 3) as "upper", round(precision, 3) as precision, round(recall, 3) as recall
            from dev_marts.mart_detector_quality
            where quarter_starting_on = date '2026-04-01' and cast(round(threshold * 50) as integer) % 10 = 0
            order by score
        """,
        picture="score",
    ),
    Method(
        name="How many to audit, and of what",
        where="`sampling`, `mart_audit_sampling_plan`, `plumbline audit draw`",
        question="With as many audits as before, where do they tell most?",
        formula="Neyman: n of a stratum in proportion to N √(p(1 - p)), p from eight weeks; at least two each, none"
        " above its"
        " size. One share to a margin d: z²Np(1 - p)/(d²(N - 1) + z²p(1 - p)). Two shares told apart: n of each ="
        " ((z √(2p(1 - p)) + z' √(p1(1 - p1) + p2(1 - p2)))/(p1 - p2))², p their mean.",
        not_when="A stratum must be known by itself, or is watched: plan it apart. The expected p is of the past.",
        example="The five strata whose number changes most; in the picture from the number now to the one planned:",
        sql="""
            select stratum as who, population_count, current_n, planned_n, round(expected_accuracy,
                3) as expected_accuracy
            from dev_marts.mart_audit_sampling_plan order by abs(planned_n - current_n) desc, stratum limit 5
        """,
        picture="who",
        draw=_moves,
    ),
    Method(
        name="What moves together",
        where="`regression.correlation`, `mart_metric_correlations`",
        question="Which metrics move together from week to week?",
        formula="Spearman's rank correlation of changes, so that two trends are none; Fisher's interval with Bonett"
        " and Wright's"
        " variance; corrected for all pairs.",
        not_when="To say that one moves the other. Metrics that share a numerator move together by what they are.",
        example="The closest of pairs that do not mirror each other:",
        sql="""
            select metric_1 || ' and ' || metric_2 as who, weeks, round(correlation, 3) as estimate,
                round("lower", 3) as "lower", round("upper", 3) as "upper"
            from dev_marts.mart_metric_correlations where is_found and abs(correlation) < 0.9
            order by abs(correlation) desc, who limit 5
        """,
        picture="who",
    ),
)


def page(connection: duckdb.DuckDBPyConnection) -> str:
    """The page as Markdown, its figures from the warehouse."""
    parts = [_INTRODUCTION]
    for method in METHODS:
        rows = method.rows(connection)
        parts.append(f"## {method.name}\n\n{method.question} {method.where}\n")
        parts.append(f"- How: {method.formula}\n- Not when: {method.not_when}\n\n{method.example}\n")
        head = [f"| {' | '.join(map(str, rows.columns))} |", "|" + "---|" * len(rows.columns)]
        parts.append("\n".join([*head, *(f"| {' | '.join(map(str, row))} |" for row in rows.to_numpy(object))]) + "\n")
        parts.append(f"![{method.name}](pictures/statistics/{_file(method)})\n")
    return "\n".join(parts)


def _file(method: Method) -> str:
    return re.sub(r"\W+", "_", method.name.lower()) + ".svg"


def _picture(rows: pd.DataFrame, by: str) -> Any:
    """Estimates and their intervals, by what the rows are of."""
    place = alt.Y(f"{by}:N", title=None) if by == "who" else alt.X(f"{by}:N", title=None, axis=alt.Axis(labelAngle=0))
    ends = ("x", "x2") if by == "who" else ("y", "y2")
    axis = alt.X if by == "who" else alt.Y
    value = axis("lower:Q", title=None, scale=alt.Scale(zero=False))
    own = {"y": place} if by == "who" else {"x": place}
    if by != "who" and "who" in rows:
        own["color"] = alt.Color("who:N", title=None, scale=alt.Scale(range=COLOURS))
        own["xOffset"] = alt.XOffset("who:N")
    else:
        own["color"] = alt.value(COLOURS[0])
    base = alt.Chart(rows, width=560)
    lines = base.mark_rule(strokeWidth=2).encode(**{ends[0]: value, ends[1]: "upper:Q"}, **own)
    points = base.mark_point(filled=True, size=50).encode(**{ends[0]: axis("estimate:Q")}, **own)
    return lines + points


def main() -> None:
    """Write the page and its pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    warehouse = os.environ.get("PLUMBLINE_WAREHOUSE", "data/plumbline.duckdb")
    with duckdb.connect(warehouse, read_only=True) as connection:
        write_text(DOCS / "statistics.md", page(connection))
        for method in METHODS:
            with new_file(PICTURES / _file(method)) as partial:
                _picture(method.drawn(connection), method.picture).save(str(partial))


if __name__ == "__main__":
    main()
