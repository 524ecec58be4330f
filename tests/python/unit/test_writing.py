"""What is written appears whole or not at all, and remnants of the killed go with the next writer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plumbline.writing import clean, new_file, new_folder, write_text


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_text_replaces_what_was(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    for text in ("one\n", "two: é\n"):
        write_text(file, text)
        assert file.read_bytes() == text.encode()
    assert names(tmp_path) == ["page.md"]
    # As any other file: who may read it, the umask says.
    (tmp_path / "plain").touch()
    assert file.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_through_a_link_the_file_behind_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "page.md").write_text("old")
    (tmp_path / "page.md").symlink_to(tmp_path / "there" / "page.md")
    write_text(tmp_path / "page.md", "new")
    assert (tmp_path / "page.md").is_symlink()
    assert (tmp_path / "there" / "page.md").read_text() == "new"


def test_an_error_leaves_what_was_and_nothing_beside_it(tmp_path: Path) -> None:
    file, folder = tmp_path / "page.md", tmp_path / "folder"
    file.write_text("old")
    for make, place in ((new_file, file), (new_folder, folder)):
        with pytest.raises(NotADirectoryError if make is new_file else FileNotFoundError), make(place) as partial:
            (partial / "no folder" / "a").write_text("half")
    assert names(tmp_path) == ["page.md"]
    assert file.read_text() == "old"


def test_a_folder_takes_the_place_of_none_of_an_empty_one_or_of_what_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old").touch()
    for name in ("deep/none", "empty"):
        with new_folder(tmp_path / name) as partial:
            (partial / "new").touch()
            assert not (tmp_path / name / "new").exists()
        assert names(tmp_path / name) == ["new"]
    with pytest.raises(OSError, match="full"), new_folder(tmp_path / "full") as partial:
        (partial / "new").touch()
    assert names(tmp_path / "full") == ["old"]
    with new_folder(tmp_path / "full", replaces=True) as partial:
        (partial / "new").touch()
    assert names(tmp_path / "full") == ["new"]
    assert names(tmp_path) == ["deep", "empty", "full"]


WRITER = """
import sys, pathlib
from plumbline.writing import new_file, new_folder
place, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
with (new_file if kind == "file" else new_folder)(place) as partial:
    print(partial, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_remnants_of_the_killed_go_and_what_lives_stays(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "page.v1"
    bystanders = [".page.v10.partial-1", ".page.partial-1", "page.v1.partial-1", ".page.v1"]
    for name in bystanders:
        (tmp_path / name).touch()
    killed, alive = (
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(place), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    )
    partials = []
    for process in (killed, alive):
        assert process.stdout
        partials.append(Path(process.stdout.readline().strip()))
    assert names(tmp_path) == sorted([*bystanders, *(partial.name for partial in partials)])
    killed.kill()
    killed.wait()
    clean(place)
    assert names(tmp_path) == sorted([*bystanders, partials[1].name])
    alive.communicate("\n")
    assert alive.returncode == 0
    assert names(tmp_path) == sorted([*bystanders, place.name])
    assert place.is_dir() == (kind == "folder")


def test_a_mount_point_is_refused(tmp_path: Path) -> None:
    if not os.path.ismount("/proc"):
        pytest.skip("no mount point that is certain")
    with pytest.raises(ValueError, match="/proc is a mount point"), new_folder(Path("/proc")):
        pass
