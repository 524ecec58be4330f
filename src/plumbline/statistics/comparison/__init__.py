"""Groups beside each other: is there a difference, between which, how large, and is it theirs or their mix of work."""

from plumbline.statistics.comparison.means import anova, mean_interval, pairwise, t_test, welch_anova
from plumbline.statistics.comparison.significance import adjust, chi_square
from plumbline.statistics.comparison.standardisation import PAIRS, against_others, standardise, standardised_pairs

__all__ = [
    "PAIRS",
    "adjust",
    "against_others",
    "anova",
    "chi_square",
    "mean_interval",
    "pairwise",
    "standardise",
    "standardised_pairs",
    "t_test",
    "welch_anova",
]
