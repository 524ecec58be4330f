"""From other tools' files to the landing contract."""
