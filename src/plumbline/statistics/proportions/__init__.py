"""Shares with their intervals: of one sample, of two, of strata, of weighted audits, and behind auditors who err."""

from plumbline.statistics.proportions.auditors import (
    accuracy_by_known_auditors,
    accuracy_given_auditor_error,
    auditor_errors,
    rogan_gladen,
)
from plumbline.statistics.proportions.intervals import difference, interval, smoothed, weighted_interval
from plumbline.statistics.proportions.strata import mean_stratified, stratified
from plumbline.statistics.proportions.weighting import weighted, weighted_from_sums

__all__ = [
    "accuracy_by_known_auditors",
    "accuracy_given_auditor_error",
    "auditor_errors",
    "difference",
    "interval",
    "mean_stratified",
    "rogan_gladen",
    "smoothed",
    "stratified",
    "weighted",
    "weighted_from_sums",
    "weighted_interval",
]
