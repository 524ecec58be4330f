"""What dbt itself costs a node: a project of trivial models against one with a single model, on the same machine."""

from collections.abc import Callable
from pathlib import Path

MODELS = 101


def trivial_project(folder: Path, models: int) -> list[str]:
    """Write a project of so many one-row tables; return dbt's options for it."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text("name: trivial\nprofile: trivial\nmodel-paths: [models]\n")
    (folder / "profiles.yml").write_text(
        f"trivial:\n  target: dev\n  outputs:\n    dev: {{type: duckdb, path: {folder}/trivial.duckdb, threads: 1}}\n"
    )
    for number in range(models):
        (folder / "models" / f"model_{number}.sql").write_text("{{ config(materialized='table') }}\nselect 1 as one\n")
    return ["--project-dir", str(folder), "--profiles-dir", str(folder)]


def seconds_per_node(folder: Path, run: Callable[[str, list[str]], float]) -> tuple[float, float]:
    """Seconds that one more trivial table costs, and those that a run costs before it; `run` times dbt with options."""
    walls = []
    for models in (1, MODELS):
        options = trivial_project(folder / f"trivial_{models}", models)
        run(f"trivial_{models}_parse", options)
        walls.append(run(f"trivial_{models}", options))
    per_node = (walls[1] - walls[0]) / (MODELS - 1)
    return per_node, walls[0] - per_node
