"""Writes the models of models/metrics/generated/ from the definitions in models/semantic."""
