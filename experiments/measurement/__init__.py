"""KPI values and samples per variant, computed by a columnar engine over a copy of the ledger."""
