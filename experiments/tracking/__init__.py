"""KPIs outside of tests: their values over time, against target, and what may come."""
