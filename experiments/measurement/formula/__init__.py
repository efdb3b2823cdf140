"""A KPI's formula as expressions: which events count, when, and what is taken of them."""
