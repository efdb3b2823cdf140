"""Experiments as registered: design, lifecycle, phases."""
