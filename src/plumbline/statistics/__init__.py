"""Inference: plain functions on DataFrames; nothing here knows where data comes from."""
