"""Bringing a sheet up to the session's position and a moment: as much as must be, no more.

Only the units that new facts are of are measured. Of the sums that are kept, theirs are taken
away as they stood, and added as they stand; so are those of units whose windows closed.
"""

from dataclasses import dataclass, replace
from functools import partial

from experiments.measurement.kinds import MEASURED as KINDS
from experiments.measurement.session import Session
from experiments.measurement.stored.answer import Answer, in_columns, is_ahead, nothing, read_whole
from experiments.measurement.stored.balance import Rows, UnbalancedError, balanced
from experiments.measurement.stored.delays import counted
from experiments.measurement.stored.layers import current
from experiments.measurement.stored.layout import COUNTS, narrowly
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.onwards import (
    News,
    can_go_on,
    met_again,
)
from experiments.measurement.stored.part import goes_by_number
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.scripts import Scripts, Since
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.shelf import File, Kept, Shelf
from experiments.measurement.stored.steps import CURRENT, measure, measure_onwards, touch
from experiments.measurement.stored.sums import SHARED
from experiments.measurement.stored.touched import tells_who
from experiments.measurement.stored.turnover import (
    Sums,
    Turnover,
    everybody,
    keep_gone,
    lost,
    turned_over,
)
from experiments.measurement.stored.whole import Whole, whole_of
from experiments.measurement.stored.writing import FRESH, Files, Writer

_MARKED = ("open", "marks")


def brought_up(session: Session, sheet: Sheet, shelf: Shelf) -> Answer | None:
    """Bring a sheet up to the session's position and the sheet's moment.

    Returns:
        None if what is kept is of a later position or moment.
    """
    with shelf.only_user():
        found = shelf.read()
        if found is not None and is_ahead(found, session, sheet):
            return None
        known = None if found is None else read_whole(shelf, found)
        if known is None or not _continues(known.kept, session, sheet):
            shelf.make_room()
            return _Refresh(session, sheet, shelf, nothing(session, sheet, found)).anew()
        refresh = _Refresh(session, sheet, shelf, known)
        try:
            return refresh.onwards()
        except UnbalancedError:
            return replace(refresh, known=nothing(session, sheet, found)).anew()


def _continues(kept: Kept, session: Session, sheet: Sheet) -> bool:
    if kept.ledger_identity != session.state.ledger_identity:
        return False
    if kept.by_number != goes_by_number(session, sheet):
        return False
    return kept.position == session.state.position or not tells_who(session, kept.position)


@dataclass(frozen=True)
class _Refresh:
    """One refresh of one sheet."""

    session: Session
    sheet: Sheet
    shelf: Shelf
    known: Answer

    @property
    def kept(self) -> Kept:
        """What is kept."""
        return self.known.kept

    @property
    def scripts(self) -> Scripts:
        """Statements for what is new."""
        return Scripts(self.session, self.sheet, Since(self.kept.position, self.kept.as_of))

    def anew(self) -> Answer:
        """Measure everybody."""
        rows = self.scripts.ask(("measure", False), partial(measure, touched=False))
        nobody = Sums(tuple([] for _ in self.sheet.requests), [])
        files = self._writer.everybody(rows.query, rows.told.wide)
        all_ = everybody(self.session, self.sheet, self.shelf, files.units)
        return self._told(Turnover(nobody, all_), rows.told.meaning, files)

    def onwards(self) -> Answer:
        """Measure whom new facts are of."""
        kept, as_of = self.kept, self.sheet.as_of
        if self._has_news():
            return self._changed()
        if kept.as_of == as_of or kept.closes_at <= kept.as_of:
            return replace(self.known, kept=kept.at(as_of))
        keep_gone(self.session, self.sheet, self.shelf, kept, measured=False)
        turnover = turned_over(self.session, self.sheet, kept, measured=False)
        return self._told(turnover, kept.meaning, Files(kept.partitions, kept.events))

    def _has_news(self) -> bool:
        kept, as_of = self.kept, self.sheet.as_of
        if kept.position < self.session.state.position or self._happened_since:
            return True
        return self._opens_again and kept.as_of < as_of

    @property
    def _happened_since(self) -> bool:
        later_at = self.kept.later_at
        return later_at is not None and later_at <= self.sheet.as_of

    @property
    def _opens_again(self) -> bool:
        """Whether units with open windows have other values by now."""
        return self.sheet.by_moment and self.kept.closes_at > self.kept.as_of

    def _changed(self) -> Answer:
        kept = self.kept
        self._touch()
        keep_gone(self.session, self.sheet, self.shelf, kept, measured=True)
        meaning = self._measure()
        turnover = turned_over(self.session, self.sheet, kept, measured=True)
        if meaning != kept.meaning or lost(self.session):
            raise UnbalancedError
        return self._told(turnover, meaning, self._writer.changed())

    def _touch(self) -> None:
        """Keep the numbers of units whose values may be others."""
        query = current(self.shelf, self.kept.partitions)
        run(self.session, f"CREATE OR REPLACE TEMP VIEW {CURRENT} AS {query}")
        later, again = self._happened_since, self._opens_again
        self.scripts.make(("touch", later, again), partial(touch, later=later, again=again))

    def _measure(self) -> Meaning:
        """Keep the rows of touched units, and their events."""
        if can_go_on(self.session, self.sheet):
            hidden, again = self.kept.later_at is not None, met_again(self.session)
            news = News(self._happened_since, hidden, again)
            onwards = partial(measure_onwards, news=news)
            rows = self.scripts.ask(("measure onwards", news), onwards)
        else:
            rows = self.scripts.ask(("measure", True), partial(measure, touched=True))
        narrowly(rows.query, rows.told.wide, self._keep_fresh)
        return rows.told.meaning

    def _keep_fresh(self, rows: str) -> None:
        run(self.session, f"CREATE OR REPLACE TEMP TABLE {FRESH} AS {rows}")

    @property
    def _writer(self) -> Writer:
        return Writer(self.session, self.shelf, self.kept, self.sheet.is_plain)

    def _told(self, turnover: Turnover, meaning: Meaning, files: Files) -> Answer:
        """Reckon the sums, and name what was written."""
        session, sheet, kept = self.session, self.sheet, self.kept
        gone, come = turnover.gone, turnover.come
        sums = tuple(
            _balanced(held, went, came, KINDS[request.kpi.kind].per)
            for request, held, went, came in zip(
                sheet.requests, self.known.sums, gone.sums, come.sums, strict=True
            )
        )
        marked = balanced(self.known.marked, gone.marked, come.marked, _MARKED, "events")
        name = f"sums-{kept.number + 1}.json"
        (self.shelf.folder / name).write_bytes(in_columns([*sums, marked]))
        later_at, whole, delays = self._whole()
        now = Kept(
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            as_of=sheet.as_of,
            later_at=later_at,
            partitions=files.units,
            events=files.events,
            meaning=meaning,
            sums=self.shelf.added(name),
            whole=whole,
            delays=delays,
            closes_at=max(kept.closes_at, come.closes_at),
            matures_at=self._matures_at(turnover, files),
            number=kept.number + 1,
            by_number=goes_by_number(session, sheet),
        )
        self.shelf.write(now)
        return Answer(sums, marked, now)

    def _whole(self) -> tuple[int | None, Whole, File | None]:
        """What is counted of the project: when the first fact after the moment happens besides.

        Time alone changes nothing of it until then.
        """
        kept = self.kept
        is_here = kept.sums is not None and kept.position == self.session.state.position
        if is_here and not self._happened_since:
            return kept.later_at, kept.whole, kept.delays
        since, number = kept.position, kept.number + 1
        arrived = counted(self.session, self.shelf, kept.delays, since, number)
        held = None if kept.sums is None else kept.whole
        return *whole_of(self.scripts, held, arrived.arrived), arrived.file

    def _matures_at(self, turnover: Turnover, files: Files) -> int:
        """When the last window closes of those who count; looked for if that one went."""
        held, gone, come = (
            self.kept.matures_at, turnover.gone.matures_at, turnover.come.matures_at,
        )  # fmt: skip
        if come >= held or gone < held:
            return max(held, come)
        rows = current(self.shelf, files.units)
        [(last,)] = run(self.session, f"SELECT max(closes_at) FROM ({rows}) WHERE {COUNTS}")  # noqa: S608 - a query of ours
        return last or 0


def _balanced(held: Rows, gone: Rows, come: Rows, per: tuple[str, ...]) -> Rows:
    went, came = (
        [{name: row[name] for name in row if name != "closes_at"} for row in rows]
        for rows in (gone, come)
    )
    return balanced(held, went, came, (*SHARED, *per), "units")
