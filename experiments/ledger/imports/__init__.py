"""Files into the ledger: column mappings, readers, and jobs that can be resumed."""
