"""The domain of Truelift and its storage; knows nothing of HTTP.

The folders follow the way of a test: define KPIs, register, assign, record, measure,
analyse, decide, learn.
"""

__version__ = "0.1.0"
