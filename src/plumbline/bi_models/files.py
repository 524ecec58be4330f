"""Where the models of the tools lie, and whether they are those of the manifest."""

from pathlib import Path

from plumbline.bi_models.ossie import ossie_files
from plumbline.bi_models.powerbi import powerbi_files
from plumbline.bi_models.star import read_star
from plumbline.bi_models.tableau import tableau_files
from plumbline.writing import write_text


def model_files(manifest: Path, project: Path) -> dict[Path, str]:
    """The text of every model, by its path under the folder `bi`.

    Args:
        manifest: dbt's manifest.json.
        project: The project's folder, for the metrics.
    """
    star = read_star(manifest, project)
    folders = {"powerbi": powerbi_files(star), "tableau": tableau_files(star), "ossie": ossie_files(star)}
    return {Path(folder) / path: text for folder, files in folders.items() for path, text in files.items()}


def stale_files(files: dict[Path, str], folder: Path) -> list[Path]:
    """What lies in the folder otherwise than it should, or should not, or is not there."""
    there = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name != "README.md"}
    wrong = {path for path in files if path not in there or (folder / path).read_text(encoding="utf-8") != files[path]}
    return sorted(wrong | (there - files.keys()))


def write_models(files: dict[Path, str], folder: Path) -> list[Path]:
    """Write what is stale and remove what is no more; what was written or removed."""
    changed = stale_files(files, folder)
    for path in changed:
        target = folder / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, files[path])
        else:
            target.unlink()
    return changed
