"""Writes models for Tableau and Power BI, and an export of the metrics, from dbt's manifest."""
