"""The tables of bench/floor.sql in polars, lazy and streaming as its guide advises; arguments: LANDING SEEDS OUT."""

import hashlib
import math
import sys
from datetime import date
from pathlib import Path

import polars as pl

LOG_GAMMA = math.log(1.01 / 0.99)
FOREVER = date(9999, 12, 31)
MEASURES = ["remove", "restrict", "age_restrict", "label"]
CELL = ["queue_id", "market", "language", "site_id", "vendor_id"]


def latest(rows: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The last version of each key, in the order of files and rows."""
    return rows.unique(subset=[key], keep="last", maintain_order=True)


def read_tasks(landing: Path) -> pl.LazyFrame:
    tasks = pl.scan_parquet(landing / "moderation/tasks/*/*.parquet", hive_partitioning=False)
    return latest(tasks, "task_id").with_columns(event_on=pl.col("enqueued_at").dt.date())


def read_decisions(landing: Path) -> pl.LazyFrame:
    folder = landing / "moderation/decisions"
    typed = pl.scan_parquet(folder / "*/sample.parquet", hive_partitioning=False)
    parts = [typed.with_columns(order=pl.lit(0))]
    if any(folder.glob("*/malformed.parquet")):
        schema = typed.collect_schema()
        texts = pl.scan_parquet(folder / "*/malformed.parquet", hive_partitioning=False)
        handled = pl.col("handle_seconds").cast(pl.Decimal(18, 3), strict=False)
        texts = texts.filter(
            (pl.col("decision_id") != "")
            & pl.col("decided_at").str.to_datetime(strict=False, time_unit="us").is_not_null()
            & (pl.col("handle_seconds").is_null() | handled.is_not_null())
        )
        casts = []
        for name, kind in schema.items():
            if texts.collect_schema()[name] == kind:
                continue
            column = pl.col(name)
            is_instant = isinstance(kind, pl.Datetime)
            cast = (
                column.str.to_datetime(strict=False, time_unit="us") if is_instant else column.cast(kind, strict=False)
            )
            casts.append(cast.alias(name))
        parts.append(texts.with_columns(casts).select(schema.names()).with_columns(order=pl.lit(1)))
    good = pl.concat(parts, how="vertical_relaxed").filter(
        ~(pl.col("handle_seconds") < 0).fill_null(False)
        & ~(pl.col("decided_at") < pl.col("started_at")).fill_null(False)
    )
    return latest(good, "decision_id").with_columns(event_on=pl.col("decided_at").dt.date())


def in_force(events: pl.LazyFrame, versions: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """The version of `versions` on each distinct (key, event_on) of `events`."""
    pairs = events.select(key, "event_on").drop_nulls().unique()
    found = pairs.join(versions, on=key).filter(pl.col("event_on").is_between(pl.col("valid_from"), pl.col("valid_to")))
    return found.drop("valid_from", "valid_to")


def main(landing: Path, seeds: Path, out: Path) -> None:
    read_seed = {name: pl.read_csv(seeds / f"{name}.csv", try_parse_dates=True) for name in ("queues", "policies")}
    queues = (
        read_seed["queues"]
        .lazy()
        .select("queue_id", "sla_seconds", "valid_from", pl.col("valid_to").fill_null(FOREVER))
    )
    policies = (
        read_seed["policies"]
        .lazy()
        .select(
            "policy_code",
            pl.col("policy_version").cast(pl.String).alias("version_in_force"),
            "valid_from",
            pl.col("valid_to").fill_null(FOREVER),
        )
    )
    known = {
        "queue_id": queues.select("queue_id").unique().with_columns(known_queue=True),
        "policy_code": policies.select("policy_code").unique().with_columns(known_policy=True),
    }
    for name in ("market", "language"):
        known[name] = (
            pl.read_csv(seeds / f"{name}s.csv").lazy().select(name).with_columns(pl.lit(True).alias(f"known_{name}"))
        )
    suspected = policies.select(suspected_policy_code="policy_code").unique().with_columns(known_suspicion=True)
    roster = (
        pl.scan_parquet(landing / "workforce/moderators/*/*.parquet", hive_partitioning=False)
        .sort("moderator_id", "valid_from")
        .select(
            "moderator_id", "site_id", "vendor_id", "team_id", "valid_from",
            pl.col("valid_from").shift(-1).over("moderator_id").dt.offset_by("-1d").fill_null(FOREVER).alias("valid_to"),
            pl.col("moderator_id")
            .map_elements(lambda text: hashlib.sha256(text.encode()).hexdigest(), return_dtype=pl.String)
            .alias("person_key"),
        )
    )  # fmt: skip

    out.mkdir(parents=True, exist_ok=True)
    read_tasks(landing).sink_parquet(out / "tasks.parquet")
    tasks = pl.scan_parquet(out / "tasks.parquet")
    read_decisions(landing).sink_parquet(out / "good_decisions.parquet")
    decisions = pl.scan_parquet(out / "good_decisions.parquet")

    automated = pl.col("automation_level") == "full"

    def placed(column: str, name: str) -> pl.Expr:
        return (
            pl.when(automated).then(pl.lit("(automated)")).otherwise(pl.col(column).fill_null("(unmapped)")).alias(name)
        )

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
    joined = (
        decisions.join(tasks.select(task_columns).with_columns(has_task=True), on="task_id", how="left")
        .filter(~(pl.col("decided_at") < pl.col("enqueued_at")).fill_null(False))
        .join(known["queue_id"], on="queue_id", how="left")
        .join(known["market"], on="market", how="left")
        .join(known["language"], on="language", how="left")
        .join(known["policy_code"], on="policy_code", how="left")
        .join(suspected, on="suspected_policy_code", how="left")
        .join(in_force(decisions, roster, "moderator_id"), on=["moderator_id", "event_on"], how="left")
        .join(in_force(decisions, policies, "policy_code"), on=["policy_code", "event_on"], how="left")
    )
    is_production = (
        pl.col("automation_level").is_in(["none", "partial"])
        & ~pl.col("is_gold").fill_null(False)
        & ~pl.col("origin").fill_null("").is_in(["audit", "appeal"])
    )

    def coded(column: str, flag: str) -> pl.Expr:
        return pl.when(pl.col(flag)).then(pl.col(column)).otherwise(pl.lit("(unmapped)")).alias(column)

    suspected_policy = (
        pl.when(pl.col("suspected_policy_code").is_null())
        .then(pl.lit("(none)"))
        .when(pl.col("known_suspicion"))
        .then(pl.col("suspected_policy_code"))
        .otherwise(pl.lit("(unmapped)"))
        .alias("suspected_policy_code")
    )
    cap = pl.lit(3600).cast(pl.Decimal(18, 3))
    joined.select(
        "decision_id", "task_id",
        pl.when(pl.col("has_task")).then(pl.coalesce("root_task_id", "task_id")).alias("root_task_id"),
        "content_id", placed("person_key", "moderator_key"),
        coded("queue_id", "known_queue"), coded("market", "known_market"), coded("language", "known_language"),
        pl.col("content_type").fill_null("(unmapped)"),
        pl.when(pl.col("policy_code").is_null()).then(pl.lit("(none)")).when(pl.col("known_policy"))
        .then(pl.col("policy_code")).otherwise(pl.lit("(unmapped)")).alias("policy_code"),
        suspected_policy,
        pl.coalesce("policy_version", "version_in_force").alias("policy_version"),
        "automation_level", "outcome", pl.col("origin").fill_null("(unmapped)"),
        placed("site_id", "site_id"), placed("vendor_id", "vendor_id"), placed("team_id", "team_id"),
        "model_version", "model_score",
        pl.when(pl.col("handle_seconds") > cap).then(cap).otherwise(pl.col("handle_seconds")).alias("handle_seconds"),
        "content_duration_seconds", "views_at_action", pl.col("is_gold").fill_null(False),
        automated.alias("is_automated"), is_production.alias("is_production"),
        (
            pl.col("outcome").is_in(MEASURES) & (is_production | automated & ~pl.col("is_gold").fill_null(False))
        ).alias("is_enforcement_action"),
        (pl.col("handle_seconds") > cap).fill_null(False).alias("is_handle_time_capped"),
        (pl.col("policy_code").is_not_null() & pl.col("known_policy").is_null()).alias("has_unmapped_policy"),
        (pl.col("task_id").is_not_null() & pl.col("known_queue").is_null()).alias("has_unmapped_queue"),
        (pl.col("market").is_not_null() & pl.col("known_market").is_null()).alias("has_unmapped_market"),
        (pl.col("language").is_not_null() & pl.col("known_language").is_null()).alias("has_unmapped_language"),
        (pl.col("moderator_id").is_not_null() & pl.col("site_id").is_null()).alias("has_unmapped_moderator"),
        pl.col("event_on").alias("decided_on"), "started_at", "decided_at", "enforced_at", "reversed_at",
    ).sink_parquet(out / "decisions.parquet")  # fmt: skip
    fact = pl.scan_parquet(out / "decisions.parquet")

    chain = fact.filter(
        pl.col("root_task_id").is_not_null()
        & (~pl.col("origin").is_in(["audit", "appeal"]) | (pl.col("root_task_id") == pl.col("task_id")))
    )
    touches = chain.group_by("root_task_id").agg(
        touches=pl.len(), skips=(pl.col("outcome") == "skip").sum(), escalations=(pl.col("outcome") == "escalate").sum()
    )
    terminal = (
        chain.filter(~pl.col("outcome").is_in(["skip", "escalate"]))
        .select(
            "root_task_id", "decision_id", "outcome", "site_id", "vendor_id", "is_automated", "decided_at", "decided_on"
        )
        .sort("decided_at", "decision_id")
        .unique(subset=["root_task_id"], keep="last", maintain_order=True)
    )
    roots = tasks.filter(pl.col("root_task_id").is_null()).drop("root_task_id")
    slas = in_force(roots, queues, "queue_id")
    (
        roots.join(touches, left_on="task_id", right_on="root_task_id", how="left")
        .join(terminal, left_on="task_id", right_on="root_task_id", how="left")
        .join(slas, on=["queue_id", "event_on"], how="left")
        .join(known["queue_id"], on="queue_id", how="left")
        .join(known["market"], on="market", how="left")
        .join(known["language"], on="language", how="left")
        .join(suspected, on="suspected_policy_code", how="left")
        .with_columns(
            pl.coalesce("due_at", pl.col("enqueued_at") + pl.duration(seconds=pl.col("sla_seconds"))).alias("due_at"),
            pl.col("is_automated").fill_null(False),
        )
        .select(
            "task_id", "content_id", pl.col("decision_id").alias("terminal_decision_id"),
            coded("queue_id", "known_queue"), coded("market", "known_market"), coded("language", "known_language"),
            pl.col("content_type").fill_null("(unmapped)"), suspected_policy, "origin", "close_reason",
            pl.col("outcome").alias("terminal_outcome"), pl.col("site_id").fill_null("(unmapped)"),
            pl.col("vendor_id").fill_null("(unmapped)"), pl.col("touches", "skips", "escalations").fill_null(0),
            "is_gold", "is_automated", "enqueued_at", "due_at", "closed_at", "decided_at", "event_on", "decided_on",
            ((pl.col("decided_at") - pl.col("enqueued_at")).dt.total_milliseconds() / 1000).alias("turnaround_seconds"),
            (~pl.col("is_gold") & ~pl.col("origin").is_in(["audit", "appeal"]) & ~pl.col("is_automated"))
            .alias("is_production"),
            (pl.col("decided_at").is_null() & pl.col("closed_at").is_null()).alias("is_open"),
            (pl.col("close_reason").is_in(["deleted", "merged"]) & pl.col("decided_at").is_null()
             & (pl.col("closed_at") <= pl.col("due_at"))).fill_null(False).alias("is_withdrawn"),
            (pl.col("decided_at") <= pl.col("due_at")).fill_null(False).alias("is_sla_attained"),
            pl.col("due_at").dt.date().alias("due_on"),
        )
        .sink_parquet(out / "int_tasks.parquet")
    )  # fmt: skip
    stored_tasks = pl.scan_parquet(out / "int_tasks.parquet")

    production = pl.col("is_production")
    zero = pl.lit(0).cast(pl.Decimal(28, 3))

    def seconds(column: str, where: pl.Expr) -> pl.Expr:
        return pl.col(column).filter(where).sum().fill_null(zero)

    fact.group_by(*CELL, "policy_code", "suspected_policy_code", "content_type", "automation_level", "decided_on").agg(
        decisions=pl.len(),
        production_decisions=production.sum(),
        enforcement_actions=pl.col("is_enforcement_action").sum(),
        automated_enforcement_actions=(pl.col("is_enforcement_action") & pl.col("is_automated")).sum(),
        skips=(production & (pl.col("outcome") == "skip")).sum(),
        escalations=(production & (pl.col("outcome") == "escalate")).sum(),
        handled_decisions=(production & pl.col("handle_seconds").is_not_null() & (pl.col("outcome") != "skip")).sum(),
        capped_decisions=(production & pl.col("is_handle_time_capped")).sum(),
        handle_seconds=seconds("handle_seconds", production),
        timed_content_handle_seconds=seconds(
            "handle_seconds", production & pl.col("content_duration_seconds").is_not_null()
        ),
        content_seconds=seconds("content_duration_seconds", production & pl.col("handle_seconds").is_not_null()),
        squared_handle_seconds=(pl.col("handle_seconds").cast(pl.Decimal(28, 3)) * pl.col("handle_seconds"))
        .filter(production & (pl.col("outcome") != "skip"))
        .sum()
        .fill_null(0),
        unmapped_policies=pl.col("has_unmapped_policy").sum(),
        unmapped_queues=pl.col("has_unmapped_queue").sum(),
        unmapped_markets=pl.col("has_unmapped_market").sum(),
        unmapped_languages=pl.col("has_unmapped_language").sum(),
        unmapped_moderators=pl.col("has_unmapped_moderator").sum(),
    ).rename({"decided_on": "event_on"}).sink_parquet(out / "int_decisions_daily.parquet")

    due = pl.col("due_at").is_not_null() & ~pl.col("is_withdrawn")
    stored_tasks.filter(production).group_by(*CELL, "suspected_policy_code", "event_on", "due_on").agg(
        tasks_received=pl.len(),
        tasks_touched=(pl.col("touches") > 0).sum(),
        tasks_decided=pl.col("decided_at").is_not_null().sum(),
        tasks_due=due.sum(),
        tasks_attained=(pl.col("is_sla_attained") & ~pl.col("is_withdrawn")).sum(),
        tasks_open=pl.col("is_open").sum(),
        tasks_expired=(pl.col("close_reason") == "expired").sum(),
        touches=pl.col("touches").sum(),
    ).sink_parquet(out / "int_tasks_daily.parquet")

    waited = pl.col("turnaround_seconds")
    bucket = pl.when(waited <= 0).then(-100000).otherwise((waited.log() / LOG_GAMMA).ceil().cast(pl.Int32))
    stored_tasks.filter(production & pl.col("decided_on").is_not_null()).group_by(
        *CELL, bucket.alias("bucket"), "event_on", "decided_on"
    ).agg(row_count=pl.len()).sink_parquet(out / "int_turnaround_histogram.parquet")

    keys = fact.select(pl.len().alias("decisions"), pl.col("decision_id").hash().n_unique().alias("keys")).collect()
    print(keys.row(0))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
