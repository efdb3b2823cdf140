"""Making the next while the last is worked on."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """The same items, each made in a thread while the one before it is worked on.

    Examples:
        >>> list(ahead(iter("abc")))
        ['a', 'b', 'c']
    """
    nothing = object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:
        coming = maker.submit(next, items, nothing)
        while (found := coming.result()) is not nothing:
            coming = maker.submit(next, items, nothing)
            yield found  # type: ignore[misc] # not the mark of the end
