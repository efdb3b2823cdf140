"""The ledger: exposures and events as they were reported, each kept once."""
