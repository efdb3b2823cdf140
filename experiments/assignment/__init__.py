"""Which variant a unit gets: a pure function of configuration and unit id, nothing stored."""
