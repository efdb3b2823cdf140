"""Answers from numbers alone, without data in the service: an analysis, a plan."""
