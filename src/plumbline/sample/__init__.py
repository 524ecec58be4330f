"""A made-up platform whose answers are known: writes the landing contract from a seed."""

from plumbline.sample.write import Scale, write_sample

__all__ = ["Scale", "write_sample"]
