"""dbt-duckdb plugin: hands the salt of person keys to the session.

`PLUMBLINE_SALT` becomes a session variable, so that it appears in no compiled SQL, log, artifact or table.
"""

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Sets `plumbline_salt` on every cursor that dbt opens."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Needs no configuration."""

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variable by a bound parameter, so that no statement carries its value."""
        cursor.execute("set variable plumbline_salt = $1", [os.environ.get("PLUMBLINE_SALT", "")])
