"""Plumbline: the single source of truth for Trust & Safety operations."""
