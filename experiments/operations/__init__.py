"""What keeps the service running and accountable: audit, jobs, erasure, back-up."""
