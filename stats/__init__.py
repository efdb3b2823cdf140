"""Statistics: numbers in, numbers out. No database, no HTTP, no clock."""
