"""What measuring can be refused for."""

from experiments.errors import Invalid, Unavailable


class ReplicaUnreadable(Unavailable):
    """The columnar copy of the ledger is absent or damaged; a refresh makes it anew."""

    template = "the columnar copy of the ledger cannot be read; refreshing makes it anew"


class ReplicaUnwritable(Unavailable):
    """The replica's folder takes no more: the disk is full, or not ours to write."""

    template = "the columnar copy of the ledger cannot be written: {reason}"


class ReplicaBeingMade(Unavailable):
    """Somebody else is copying the ledger, and it takes longer than a reader waits."""

    template = "the columnar copy of the ledger is being made; ask again in a minute"


class LedgerBusy(Unavailable):
    """A long write kept the end of the ledger from being known in time."""

    template = "the ledger is being written to; its end is not known yet"


class TooLargeToSum(Invalid):
    """Sums of squares past 38 digits: refused, since they could not be exact."""

    template = "the values of this KPI are too large to be summed exactly"


class DivisorBelowZero(Invalid):
    """Refunds beyond what was bought, in what a ratio divides by: no ratio has a meaning."""

    template = "what this KPI is divided by adds up to less than 0"


class TooMuchToMeasure(Unavailable):
    """The engine ran into its memory limit, or its disk."""

    template = "measuring this needs more memory or disk than the engine may use"
