"""Engines that measure: DuckDB over the replica, PostgreSQL, Apache Spark; one definition of a KPI.

Expressions are compiled for each engine, never translated from another's SQL
(docs/decisions/0017).
"""
