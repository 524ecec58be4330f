"""Explains a published number: what it means, what it rests on, what was left out, and what changed since."""
