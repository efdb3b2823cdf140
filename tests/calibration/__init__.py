"""How often answers are right: coverage, contradictions, error rates and power, as measured.

``python -m tests.calibration`` prints them as a table; the slow tests assert the same bars.
"""
