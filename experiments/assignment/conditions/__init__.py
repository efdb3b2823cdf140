"""Conditions: who a rule is for, in the language of GrowthBook's clients.

Three readers must agree on every condition: this service, the Python client and the
JavaScript client. Where those two differ (a missing attribute, a number against a text)
``check_condition`` refuses the condition, or ``portable`` writes it so that they do not.
"""

from experiments.assignment.conditions.check import check_condition
from experiments.assignment.conditions.evaluate import matches
from experiments.assignment.conditions.portable import portable

__all__ = ["check_condition", "matches", "portable"]
