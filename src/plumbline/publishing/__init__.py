"""Publishes marts and reports to PostgreSQL and to files: complete, checked, and only after all tests passed."""
