"""What the README shows is what the project gives."""

import re

import pytest
from conftest import ROOT, Project

README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```sql\n(.*?)```\n\n\|(.*?)\n\n", README, flags=re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("number", range(4))
def test_every_query_runs_and_has_the_columns_shown(number: int, tiny: Project) -> None:
    query, table = EXAMPLES[number]
    columns = [cell.strip() for cell in table.splitlines()[0].strip("|").split("|")]
    described = tiny.query(f"select column_name from (describe {query})")
    assert [name for (name,) in described] == columns
    # Some ask for days that only the demo has.
    assert tiny.query(query) or number in (0, 2)
