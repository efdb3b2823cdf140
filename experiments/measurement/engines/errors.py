"""What an engine of the user's own can be refused for; each carries its cause."""

from experiments.errors import Invalid, Unavailable


class EngineUnreachable(Unavailable):
    """Nobody answers at the engine's address, or its client is not installed."""

    template = "the engine {engine} at {address} cannot be reached: {cause}"


class EngineRefused(Unavailable):
    """The engine answers, and does not run what it is asked."""

    template = "the engine {engine} does not run this: {cause}"


class TableMissing(Invalid):
    """A mapped table that the engine does not know, or does not show to us."""

    template = "expected a table on {engine}, and there is no {table!r}: {cause}"


class ColumnMissing(Invalid):
    """A mapped column that its table does not have."""

    template = "expected a column of {table!r}, which has {columns}; got {column!r}"


class ColumnUnfit(Invalid):
    """A mapped column whose values cannot be what they are mapped to."""

    template = "expected {expected}, and {column!r} of {table!r} is of the type {type}"


class RowsIncomplete(Invalid):
    """Rows of a mapped table that lack what every fact has."""

    template = (
        "expected an id, a customer, a type, a time and, of a send, its variant in every row of "
        "{table!r}; {rows} rows lack one"
    )
