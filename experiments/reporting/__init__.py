"""Reports: what the data of a test say, first as numbers and states, then in words."""
