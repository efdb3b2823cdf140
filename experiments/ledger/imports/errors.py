"""What can be wrong with a file as a whole, and with a row of it."""

from experiments.errors import Conflict, Invalid


class UnfitFile(Invalid):
    """Base of what makes a whole file unreadable; named ``file`` as the field."""


class NotText(UnfitFile):
    """The bytes are no text in an encoding that is read."""

    template = "the file is neither UTF-8 nor CP949 text (byte {offset})"


class NotUtf16(UnfitFile):
    """The file begins as UTF-16 text does, and goes on as none."""

    template = "the file begins as UTF-16 text and is none (byte {offset})"


class NotCsv(UnfitFile):
    """The file is of another kind."""

    template = "expected a CSV file, got {kind}; save or export it as CSV"


class BadParquet(UnfitFile):
    """A Parquet file that is damaged, or too large in its parts."""

    template = "the Parquet file cannot be read: {reason}"


class BadAvro(UnfitFile):
    """An Avro file that is damaged, or of a form that is not read."""

    template = "the Avro file cannot be read: {reason}"


class BrokenGzip(UnfitFile):
    """The compressed file ends early or is damaged."""

    template = "the gzip file is damaged or cut off"


class UnpacksTooLarge(UnfitFile):
    """The compressed file holds more than is read."""

    template = "the gzip file unpacks to more than is read"


class NoHeader(UnfitFile):
    """There is no first line."""

    template = "expected a first line with the names of the columns"


class TooManyColumns(UnfitFile):
    """The first line has more columns than are read."""

    template = "the first line has more than {most} columns"


class ColumnTwice(UnfitFile):
    """A column that the mapping names is there twice."""

    template = "the column {column!r} stands twice in the first line"


class MissingColumn(Invalid):
    """A column that the mapping names is not there."""

    template = "the file has no column {column!r}; it has {found}"


class FileGone(UnfitFile):
    """The stored file of an import is not there any more, or is another."""

    template = "the stored file is gone; upload it again"


class ImportFault(UnfitFile):
    """The import met something that nobody thought of."""

    template = "the import stopped at a fault of ours, which has been logged"


class NotInState(Conflict):
    """What was asked for does not go with the state of the import."""

    template = "the import is {state}: this cannot be done now"


class TakenOver(Conflict):
    """Another process is running the import."""

    template = "another process is running this import"


class UnfitRow(Invalid):
    """Base of what makes a row unreadable."""


class RaggedRow(UnfitRow):
    """A row has more or fewer cells than the first line."""

    template = "expected {expected} cells as in the first line, got {got}"


class LineTooLong(UnfitRow):
    """A line is longer than is read."""

    template = "the line is longer than {most} characters"


class RowTooLong(UnfitRow):
    """A row goes on over more lines than are read."""

    template = "the row is longer than {most} characters; is a quote missing?"


class NulInRow(UnfitRow):
    """A row holds the NUL character, which no database keeps."""

    template = "the row holds a NUL character"


class MalformedRow(UnfitRow):
    """The quotes of a row do not match, or a cell is too long."""

    template = "the row cannot be read: {reason}"


class NotJson(UnfitRow):
    """A line is no JSON value that is read."""

    template = "the line is no JSON: {reason}"


class IdOfAnother(UnfitRow):
    """A row's id is known with another content; such a row is a conflict, and not rejected."""

    template = "the id {source_id!r} belongs to another fact, which stands"
