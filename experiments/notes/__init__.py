"""Notes: what customers answered and people noticed, beside the KPI that it explains."""
