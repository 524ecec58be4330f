"""The tables of bench/floor.sql in pandas, for a size that fits in memory; arguments: LANDING SEEDS OUT."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd

FOREVER = pd.Timestamp("2262-01-01")
MEASURES = ["remove", "restrict", "age_restrict", "label"]
CELL = ["queue_id", "market", "language", "site_id", "vendor_id"]


def read(landing: Path, table: str, stem: str = "*") -> pd.DataFrame:
    files = sorted(landing.glob(f"{table}/*/{stem}.parquet"))
    # partitioning=None: the folder's landed_on is no column.
    return pd.concat([pd.read_parquet(file, partitioning=None) for file in files], ignore_index=True)


def read_decisions(landing: Path) -> pd.DataFrame:
    rows = read(landing, "moderation/decisions", "sample")
    if any(landing.glob("moderation/decisions/*/malformed.parquet")):
        texts = read(landing, "moderation/decisions", "malformed")
        handled = pd.to_numeric(texts["handle_seconds"], errors="coerce")
        for name in ("started_at", "decided_at", "enforced_at", "reversed_at"):
            texts[name] = pd.to_datetime(texts[name], errors="coerce")
        texts["model_score"] = pd.to_numeric(texts["model_score"], errors="coerce")
        texts["views_at_action"] = pd.to_numeric(texts["views_at_action"], errors="coerce")
        untypeable = texts["handle_seconds"].notna() & handled.isna()
        texts["handle_seconds"] = handled
        rows = pd.concat([rows, texts[(texts["decision_id"] != "") & texts["decided_at"].notna() & ~untypeable]])
    rows["handle_seconds"] = pd.to_numeric(rows["handle_seconds"])
    rows = rows[~(rows["handle_seconds"] < 0) & ~(rows["decided_at"] < rows["started_at"])]
    rows = rows.drop_duplicates("decision_id", keep="last")
    return rows.assign(event_on=rows["decided_at"].dt.normalize())


def in_force(events: pd.DataFrame, versions: pd.DataFrame, key: str) -> pd.DataFrame:
    """The version of `versions` on each distinct (key, event_on) of `events`."""
    pairs = events[[key, "event_on"]].dropna().drop_duplicates().merge(versions, on=key)
    found = pairs[pairs["event_on"].between(pairs["valid_from"], pairs["valid_to"])]
    return found.drop(columns=["valid_from", "valid_to"])


def suspected_policy(rows: pd.DataFrame, codes: set[str]) -> pd.Series:
    suspected = rows["suspected_policy_code"]
    return suspected.where(suspected.isin(codes), np.where(suspected.isna(), "(none)", "(unmapped)"))


def main(landing: Path, seeds: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    versions = {}
    for name in ("queues", "policies"):
        seed = pd.read_csv(seeds / f"{name}.csv", parse_dates=["valid_from", "valid_to"])
        versions[name] = seed.assign(valid_to=seed["valid_to"].fillna(FOREVER))
    queues = versions["queues"][["queue_id", "sla_seconds", "valid_from", "valid_to"]]
    policies = versions["policies"][["policy_code", "policy_version", "valid_from", "valid_to"]]
    policies = policies.rename(columns={"policy_version": "version_in_force"}).astype({"version_in_force": str})
    known = {name: set(pd.read_csv(seeds / f"{name}s.csv")[name]) for name in ("market", "language")}
    roster = read(landing, "workforce/moderators").sort_values(["moderator_id", "valid_from"])
    roster["valid_from"] = pd.to_datetime(roster["valid_from"])
    following = roster.groupby("moderator_id")["valid_from"].shift(-1)
    roster["valid_to"] = (following - pd.Timedelta(days=1)).fillna(FOREVER)
    roster["person_key"] = [hashlib.sha256(person.encode()).hexdigest() for person in roster["moderator_id"]]
    roster = roster[["moderator_id", "person_key", "site_id", "vendor_id", "team_id", "valid_from", "valid_to"]]

    tasks = read(landing, "moderation/tasks").drop_duplicates("task_id", keep="last")
    tasks["event_on"] = tasks["enqueued_at"].dt.normalize()
    tasks["content_duration_seconds"] = pd.to_numeric(tasks["content_duration_seconds"])
    task_columns = [
        "task_id",
        "root_task_id",
        "queue_id",
        "suspected_policy_code",
        "origin",
        "is_gold",
        "content_duration_seconds",
        "enqueued_at",
    ]
    fact = read_decisions(landing).merge(tasks[task_columns], on="task_id", how="left", indicator="found")
    fact = fact[~(fact["decided_at"] < fact["enqueued_at"])]
    fact = fact.merge(in_force(fact, roster, "moderator_id"), on=["moderator_id", "event_on"], how="left")
    fact = fact.merge(in_force(fact, policies, "policy_code"), on=["policy_code", "event_on"], how="left")
    automated = fact["automation_level"] == "full"
    fact["has_unmapped_moderator"] = fact["moderator_id"].notna() & fact["site_id"].isna()
    for name, unmapped, codes in (
        ("queue_id", "queues", set(queues["queue_id"])), ("market", "markets", known["market"]),
        ("language", "languages", known["language"]), ("policy_code", "policies", set(policies["policy_code"])),
    ):  # fmt: skip
        present = fact["task_id"] if name == "queue_id" else fact[name]
        is_known = fact[name].isin(codes)
        fact[f"unmapped_{unmapped}"] = present.notna() & ~is_known
        other = np.where(fact[name].isna(), "(none)", "(unmapped)") if name == "policy_code" else "(unmapped)"
        fact[name] = fact[name].where(is_known, other)
    for name in ("site_id", "vendor_id", "team_id", "person_key"):
        fact[name] = fact[name].fillna("(unmapped)").mask(automated, "(automated)")
    fact["root_task_id"] = fact["root_task_id"].fillna(fact["task_id"]).where(fact["found"] == "both")
    fact["policy_version"] = fact["policy_version"].fillna(fact["version_in_force"])
    for name in ("origin", "content_type"):
        fact[name] = fact[name].fillna("(unmapped)")
    fact["is_gold"] = fact["is_gold"].fillna(False).astype(bool)
    fact["suspected_policy_code"] = suspected_policy(fact, set(policies["policy_code"]))
    fact["is_automated"] = automated
    fact["is_production"] = (
        fact["automation_level"].isin(["none", "partial"])
        & ~fact["is_gold"]
        & ~fact["origin"].isin(["audit", "appeal"])
    )
    takes_enforcement_actions = fact["is_production"] | fact["is_automated"] & ~fact["is_gold"]
    fact["is_enforcement_action"] = fact["outcome"].isin(MEASURES) & takes_enforcement_actions
    fact["is_handle_time_capped"] = fact["handle_seconds"] > 3600
    fact["handle_seconds"] = fact["handle_seconds"].clip(upper=3600)
    fact = fact.drop(
        columns=["moderator_id", "enqueued_at", "found", "version_in_force", "_landed_at", "_source_system"]
    )
    fact.to_parquet(out / "decisions.parquet")

    chain = fact[
        fact["root_task_id"].notna()
        & (~fact["origin"].isin(["audit", "appeal"]) | (fact["root_task_id"] == fact["task_id"]))
    ]
    counts = chain.assign(skips=chain["outcome"] == "skip", escalations=chain["outcome"] == "escalate")
    touches = counts.groupby("root_task_id").agg(
        touches=("outcome", "size"), skips=("skips", "sum"), escalations=("escalations", "sum")
    )
    terminal = chain[~chain["outcome"].isin(["skip", "escalate"])].sort_values(["decided_at", "decision_id"])
    terminal = terminal.drop_duplicates("root_task_id", keep="last").rename(
        columns={"outcome": "terminal_outcome", "decision_id": "terminal_decision_id", "event_on": "decided_on"}
    )
    terminal = terminal[
        ["root_task_id", "terminal_decision_id", "terminal_outcome", "site_id", "vendor_id", "is_automated",
         "decided_at", "decided_on"]
    ]  # fmt: skip
    roots = tasks[tasks["root_task_id"].isna()].drop(columns="root_task_id")
    roots = roots.merge(touches, left_on="task_id", right_index=True, how="left")
    roots = roots.merge(terminal, left_on="task_id", right_on="root_task_id", how="left")
    roots = roots.merge(in_force(roots, queues, "queue_id"), on=["queue_id", "event_on"], how="left")
    roots["due_at"] = pd.to_datetime(roots["due_at"]).fillna(
        roots["enqueued_at"] + pd.to_timedelta(roots["sla_seconds"], unit="s")
    )
    for name, codes in (("queue_id", set(queues["queue_id"])), *known.items()):
        roots[name] = roots[name].where(roots[name].isin(codes), "(unmapped)")
    roots["suspected_policy_code"] = suspected_policy(roots, set(policies["policy_code"]))
    for name in ("site_id", "vendor_id", "content_type"):
        roots[name] = roots[name].fillna("(unmapped)")
    roots[["touches", "skips", "escalations"]] = roots[["touches", "skips", "escalations"]].fillna(0).astype("int64")
    roots["is_automated"] = roots["is_automated"].fillna(False).astype(bool)
    roots["turnaround_seconds"] = (roots["decided_at"] - roots["enqueued_at"]).dt.total_seconds()
    roots["is_production"] = ~roots["is_gold"] & ~roots["origin"].isin(["audit", "appeal"]) & ~roots["is_automated"]
    roots["is_open"] = roots["decided_at"].isna() & roots["closed_at"].isna()
    roots["is_withdrawn"] = (
        roots["close_reason"].isin(["deleted", "merged"]) & roots["decided_at"].isna()
        & (roots["closed_at"] <= roots["due_at"])
    )  # fmt: skip
    roots["is_sla_attained"] = roots["decided_at"] <= roots["due_at"]
    roots["due_on"] = roots["due_at"].dt.normalize()
    roots.drop(columns=["root_task_id", "sla_seconds"]).to_parquet(out / "int_tasks.parquet")

    flags = {
        "decisions": True, "production_decisions": fact["is_production"],
        "enforcement_actions": fact["is_enforcement_action"],
        "automated_enforcement_actions": fact["is_enforcement_action"] & fact["is_automated"],
        "skips": fact["is_production"] & (fact["outcome"] == "skip"),
        "escalations": fact["is_production"] & (fact["outcome"] == "escalate"),
        "handled_decisions": fact["is_production"] & fact["handle_seconds"].notna() & (fact["outcome"] != "skip"),
        "capped_decisions": fact["is_production"] & fact["is_handle_time_capped"],
        "timed_content_handle_seconds": fact["handle_seconds"].where(
            fact["is_production"] & fact["content_duration_seconds"].notna()
        ),
        "content_seconds": fact["content_duration_seconds"].where(
            fact["is_production"] & fact["handle_seconds"].notna()
        ),
        "handle_seconds": fact["handle_seconds"].where(fact["is_production"]),
        "squared_handle_seconds": (fact["handle_seconds"] ** 2).where(
            fact["is_production"] & (fact["outcome"] != "skip")
        ),
        "unmapped_moderators": fact["has_unmapped_moderator"],
    }  # fmt: skip
    summed = [*flags, "unmapped_policies", "unmapped_queues", "unmapped_markets", "unmapped_languages"]
    by = [*CELL, "policy_code", "suspected_policy_code", "content_type", "automation_level", "event_on"]
    daily = fact.assign(**flags).groupby(by, observed=True)[summed].sum().reset_index()
    daily.to_parquet(out / "int_decisions_daily.parquet")

    produced = roots[roots["is_production"]]
    produced = produced.assign(
        tasks_received=1, tasks_touched=produced["touches"] > 0, tasks_decided=produced["decided_at"].notna(),
        tasks_due=produced["due_at"].notna() & ~produced["is_withdrawn"],
        tasks_attained=produced["is_sla_attained"] & ~produced["is_withdrawn"],
        tasks_open=produced["is_open"], tasks_expired=produced["close_reason"] == "expired",
    )  # fmt: skip
    counted = [
        "tasks_received",
        "tasks_touched",
        "tasks_decided",
        "tasks_due",
        "tasks_attained",
        "tasks_open",
        "tasks_expired",
        "touches",
    ]
    by_due = (
        produced.groupby([*CELL, "suspected_policy_code", "event_on", "due_on"], dropna=False)[counted]
        .sum()
        .reset_index()
    )
    by_due.to_parquet(out / "int_tasks_daily.parquet")
    decided = produced[produced["decided_on"].notna()]
    waited = decided["turnaround_seconds"]
    bucket = np.where(waited <= 0, -100000, np.ceil(np.log(waited.where(waited > 0, 1)) / np.log(1.01 / 0.99)))
    histogram = decided.assign(bucket=bucket.astype("int64")).groupby([*CELL, "bucket", "event_on", "decided_on"])
    histogram.size().rename("row_count").reset_index().to_parquet(out / "int_turnaround_histogram.parquet")
    print(len(fact), fact["decision_id"].nunique())


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
