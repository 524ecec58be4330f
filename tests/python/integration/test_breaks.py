"""Truth tests can fail: each way of breaking a mart, as it happens in practice, is found. Run by `make breaks`."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, Project
from planted import misses


@dataclass(frozen=True)
class Break:
    """A change of one model: what is wrong with it, the words in place of which others stand, and what finds it."""

    name: str
    model: str
    right: str
    wrong: str
    found_by: str
    macro: str = ""
    """File of the macro in which the words stand, where it is not the model's own."""

    @property
    def file(self) -> Path:
        return Path(self.macro or f"models/intermediate/{self.model}.sql")


BREAKS = [
    Break("the weight is dropped", "quality/int_verdicts", "1 / agreed.inclusion_probability", "1",
        "judged_population"),
    Break(
        "what disputes won back counts as initial", "quality/int_verdicts",
        "nullif(coalesce(later_rounds.undisputed_outcome, agreed.outcome), 'escalate') as initial_outcome",
        "coalesce(histories.outcome, later_rounds.undisputed_outcome, agreed.outcome) as initial_outcome",
        ": audited_accuracy of palmera",
    ),
    Break(
        "a re-review counts as one more decision", "quality/int_verdicts",
        "    from agreed\n    inner join histories",
        "    from (select * from agreed union all select agreed.* from agreed semi join later_rounds"
        " using (decision_id)) as agreed\n    inner join histories",
        "drawn_decisions",
    ),
    Break(
        "targeted audits are pooled with drawn ones", "quality/int_verdicts_daily",
        "sample_design in ('random', 'stratified') and weight is not null as is_drawn",
        "true as is_drawn", "drawn_decisions", "macros/quality/verdict_sums.sql",
    ),
    Break(
        "recall is sliced by the policy decided", "quality/int_judged_decisions",
        "    inner join verdicts on",
        "    inner join (select * replace (case when decided.outcome = 'no_violation' then null"
        " else final_policy_code end as final_policy_code) from verdicts inner join (select decision_id, outcome"
        " from decisions) as decided using (decision_id)) as verdicts on", "audited_recall",
    ),
    Break(
        "what is still open is no breach", "efficiency/int_tasks_daily",
        "count(*) filter (where due_at is not null and not is_withdrawn)",
        "count(*) filter (where decided_at is not null and not is_withdrawn)", "sla_attainment",
    ),
    Break(
        "whatever is decided is in time", "efficiency/int_tasks",
        "coalesce(decided_at <= due_at, false) as is_sla_attained", "decided_at is not null as is_sla_attained",
        "sla_attainment",
    ),
    Break(
        "turnaround is of what somebody worked on", "efficiency/int_tasks",
        "left join decisions on roots.task_id", "inner join decisions on roots.task_id", "decided_within_a_day",
    ),
    Break(
        "a skip counts as handled", "efficiency/int_decisions_daily",
        "is_production and handle_seconds is not null and outcome <> 'skip') as handled_decisions",
        "is_production and handle_seconds is not null) as handled_decisions", "average_handle_time",
    ),
    Break(
        "an escalation counts as a skip", "efficiency/int_decisions_daily",
        "is_production and outcome = 'skip'", "is_production and outcome in ('skip', 'escalate')", "skip_rate",
    ),
    Break(
        "a shift belongs to the day of UTC", "efficiency/int_decisions_daily",
        "when decisions.decided_at >= site_days.ends_at then decisions.utc_on + 1",
        "when decisions.decided_at >= site_days.ends_at then decisions.utc_on", "shift_decisions of manila",
    ),
    Break(
        "a late setting counts as wrong", "configuration/int_configuration_checks",
        "then 'late'", "then 'wrong'", "settings_late",
    ),
]  # fmt: skip


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_there_is_still_what_a_break_breaks(broken: Break) -> None:
    _text_with(ROOT / broken.file, broken.right)


@pytest.mark.long
@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_a_broken_mart_misses_a_truth(broken: Break, demo: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("broken")
    project.landing.symlink_to(demo.landing)
    project.copy_warehouse(demo)
    project.use_seeds(ROOT / "seeds")
    _replace(project.root, broken)
    model = Path(broken.model).name
    result = project.dbt("run", "--full-refresh", "--select", f"{model}+")
    assert result.success, result.messages
    assert [miss for miss in misses(project) if broken.found_by in miss]


def _replace(root: Path, broken: Break) -> None:
    folder = broken.file.parts[0]
    (root / folder).unlink()
    shutil.copytree(ROOT / folder, root / folder)
    (root / broken.file).write_text(_text_with(root / broken.file, broken.right).replace(broken.right, broken.wrong))


def _text_with(file: Path, words: str) -> str:
    text = file.read_text()
    assert text.count(words) == 1, f"{file.name} does not say {words!r} once"
    return text
