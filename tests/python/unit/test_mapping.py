"""A mapping is judged before any row is read; what is wrong is named with its line and column."""

from pathlib import Path

import pytest

from plumbline.landing.mapping import MappingError, load_mapping, shipped_names

GOOD = """description: Decisions of a tool.
parameters:
  zone: {description: zone}
branches:
  - table: quality.audit_frames
    columns:
      frame_id: frame
      stratum: "'$zone'"
      period_start: starts
      period_end: ends
      population_count: population
      planned_n: cast(planned as bigint) + 1
"""


def write(folder: Path, text: str) -> str:
    file = folder / "mapping.yml"
    file.write_text(text)
    return str(file)


def test_a_good_mapping_loads_with_its_parameters(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path, GOOD), {"zone": "north"})
    (branch,) = mapping.branches
    assert branch.contract.name == "quality.audit_frames"
    assert branch.expressions is not None
    assert branch.expressions["stratum"] == "'north'"


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("      stratum:", "      stratumm:", "8:7", "quality.audit_frames has no column stratumm"),
        ("      period_end: ends\n", "", "7:7", "column period_end is not mapped"),
        ("      frame_id: frame\n", "", "7:7", "key column frame_id is not mapped"),
        ("planned_n: cast(planned as bigint) + 1", "planned_n: cast(planned as", "12:18", "planned_n: does not parse"),
        ("planned_n: cast(planned as bigint) + 1", "planned_n: 1; drop table x", "12:18", "not 2 statements"),
        ("table: quality.audit_frames", "table: quality.frames", "5:12", "quality.frames is no table"),
        ("'$zone'", "'$region'", "8:16", "$region is no parameter"),
        ("'$zone'", "'$'", "8:16", "a lone $"),
        ("branches:", "branchs:", "4:1", "unknown key branchs"),
        ("  - table", "  - tabel", "5:5", "unknown key tabel"),
        ("    columns:\n", "    columns: [\n", "6:14", "not YAML"),
    ],
)
def test_a_bad_mapping_is_an_error_with_its_place(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(MappingError) as error:
        load_mapping(file, {"zone": "north"})
    assert reason in str(error.value)
    if reason != "not YAML":
        assert str(error.value).startswith(f"{file}:{place}: ")


def test_parameters_are_asked_for_and_unknown_ones_refused(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    with pytest.raises(MappingError, match="--set zone="):
        load_mapping(file, {})
    with pytest.raises(MappingError, match=r"--set zoone: no such parameter; there are: zone"):
        load_mapping(file, {"zoone": "x"})


def test_an_unknown_mapping_names_those_there_are() -> None:
    assert {"contract", "rater_table", "servicenow_incidents"} <= set(shipped_names())
    with pytest.raises(MappingError, match="rater_table"):
        load_mapping("no_such_mapping", {})
