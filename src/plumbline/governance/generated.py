"""Files of the project that are written from others: pages, and SQL that dbt needs before it reads a contract."""

from pathlib import Path

from plumbline.governance.dictionary import dictionary_page
from plumbline.governance.metrics import catalogue_page, load_metrics
from plumbline.landing.contract import load_contracts
from plumbline.landing.docs import landed_tables_macro, landing_page
from plumbline.metric_sql.generate import generated_models


def generated_files(root: Path) -> dict[Path, str]:
    """The text of each generated file, by its path; `root` is the project."""
    contracts, models = list(load_contracts()), root / "models"
    return {
        root / "docs" / "landing.md": landing_page(contracts),
        root / "docs" / "metric_catalogue.md": catalogue_page(load_metrics(models)),
        root / "docs" / "data_dictionary.md": dictionary_page(models),
        root / "macros" / "landing" / "landed_tables.sql": landed_tables_macro(contracts),
    } | generated_models(root)
