"""Hands marts and reports on to those whom they are for: whole, checked, and only after the build's tests passed."""
