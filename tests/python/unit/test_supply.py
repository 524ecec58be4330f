"""What comes from outside is named by what it is, not by what it is called, and is looked after."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

pytestmark = pytest.mark.attack("supply")

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
LOCKS = sorted(ROOT.glob("*.lock"))
USES = re.compile(r"^\s*(?:-\s*)?uses:\s*(.+?)\s*$", flags=re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def loaded(file: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(file.read_text()))


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in loaded(file)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_by_commit_with_their_version(file: Path) -> None:
    used = USES.findall(file.read_text())
    assert len(used) == sum("uses" in step for step in steps(file)) > 0
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_one_action_is_one_commit_everywhere() -> None:
    used = {line for file in WORKFLOWS for line in USES.findall(file.read_text())}
    assert len({line.split("@")[0] for line in used}) == len(used)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_may_read_and_a_job_says_where_it_writes(file: Path) -> None:
    assert loaded(file)["permissions"] == {"contents": "read"}
    for name, job in loaded(file)["jobs"].items():
        assert "permissions" not in job or (file.name, name) == ("release.yml", "sbom")
    checkouts = [step for step in steps(file) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_workflow_puts_what_others_wrote_into_a_shell(file: Path) -> None:
    for step in steps(file):
        inserted = re.findall(r"\${{\s*(.+?)\s*}}", step.get("run", ""))
        assert set(inserted) <= {"matrix.lock"}


def test_tools_of_workflows_have_a_version() -> None:
    commands = [step["run"] for file in WORKFLOWS for step in steps(file) if "run" in step]
    fetched = [command for command in commands if re.search(r"\bpipx? (run|install)\b", command)]
    assert len(fetched) == 2
    assert all(re.match(r"pipx run --spec [\w-]+==\d+\.\d+\.\d+ ", command) for command in fetched)


def test_every_lock_is_audited_each_week_and_when_it_changes() -> None:
    audit = loaded(ROOT / ".github" / "workflows" / "audit.yml")
    # YAML 1.1 reads `on` as true.
    events, names = audit[True], {file.name for file in LOCKS if file.name.startswith("requirements")}
    assert set(audit["jobs"]["audit"]["strategy"]["matrix"]["lock"]) == names
    assert re.fullmatch(r"\d+ \d+ \* \* \d", events["schedule"][0]["cron"])
    assert names <= set(events["pull_request"]["paths"])
    assert names <= set(events["push"]["paths"])
    (command,) = [step["run"] for step in audit["jobs"]["audit"]["steps"] if "run" in step]
    assert "pip-audit" in command
    assert "${{ matrix.lock }}" in command


def test_a_release_lists_what_it_is_made_of() -> None:
    release = loaded(ROOT / ".github" / "workflows" / "release.yml")
    assert release[True] == {"release": {"types": ["published"]}}
    text = " ".join(step.get("run", "") for step in release["jobs"]["sbom"]["steps"])
    assert "cyclonedx-py requirements" in text
    assert "requirements.lock" in text
    assert "gh release upload" in text


def test_updates_come_weekly_and_grouped_for_both() -> None:
    updates = loaded(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions"}
    for update in updates:
        assert update["schedule"] == {"interval": "weekly"}
        assert update["groups"]


@pytest.mark.parametrize("file", [file for file in LOCKS if file.name != "metrics.lock"], ids=lambda file: file.name)
def test_every_requirement_has_hashes(file: Path) -> None:
    entries = re.split(r"\n(?=\S)", file.read_text().replace("\\\n", " ").strip())
    requirements = [entry for entry in entries if not entry.startswith("#")]
    assert len(requirements) > 50
    wrong = [
        entry.split()[0]
        for entry in requirements
        if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ ", entry) or not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)
    ]
    assert wrong == []
    assert not re.search(r"https?://|git\+|--(extra-)?index-url|@ file:", file.read_text())


def test_security_says_how_to_report_and_what_is_in_scope() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    parts = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))
    assert {"Supported versions", "Reporting a vulnerability", "What is in scope", "What a deployment must do"} <= set(
        parts
    )
    assert "Report a vulnerability" in parts["Reporting a vulnerability"]
    assert "no public issue" in parts["Reporting a vulnerability"]
    for word in ("person map", "salt", "Rejects", "Mappings", "Vendor scopes"):
        assert word in parts["What is in scope"], word
    for word in ("0700", "umask", "secret store"):
        assert word in parts["What a deployment must do"], word
