"""Oracle values: published or independently computed numbers that `stats` must reproduce.

``python -m tests.oracles FILE`` runs a file of them. A module of this package has ``CALLS``, from
the name of a method to a function of an oracle's inputs that gives a value for each key expected;
the runner collects them all.
"""
