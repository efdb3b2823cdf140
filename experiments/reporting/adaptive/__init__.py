"""Tests whose shares follow their results: what the next batch is to be, and what a run shows.

- `planning`: the shares of the next batch, from everybody whose window has closed.
"""
