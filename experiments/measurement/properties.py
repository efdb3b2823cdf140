"""Properties of an event, read from their JSON text."""

from experiments.measurement.engines.functions import text_at

__all__ = ["text_at"]
