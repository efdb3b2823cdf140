"""Synthetic campaigns with known truth, made by seeded programs: see README.md."""
