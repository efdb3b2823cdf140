"""Projects: the boundary of access. Every row belongs to one."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select

from experiments.errors import Invalid, KeyTaken, NotFound
from experiments.names import check_key
from experiments.storage.tables import projects
from experiments.zones import zone

LANGUAGES = ("ko", "en")


@dataclass(frozen=True)
class Project:
    """A brand or a team.

    Attributes:
        id: Number in the database.
        key: Name in addresses.
        name: Name on screen.
        time_zone: IANA zone that days and send times are read in.
        currency: ISO 4217 code of its money.
        language: ``ko`` or ``en``.
    """

    id: int
    key: str
    name: str
    time_zone: str
    currency: str
    language: str

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return zone(self.time_zone)


def create_project(
    db: Connection,
    *,
    key: str,
    name: str,
    time_zone: str,
    currency: str,
    language: str,
    now: datetime,
) -> Project:
    """Create a project.

    Raises:
        Invalid: If a field cannot be accepted; ``UnknownZone`` of the time zone.
        KeyTaken: If another project has the key.
    """
    check_key(key)
    zone(time_zone)
    if language not in LANGUAGES:
        raise Invalid(field="language", expected="ko or en", got=language)
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise Invalid(field="currency", expected="an ISO 4217 code", got=currency)
    if db.execute(select(projects.c.id).where(projects.c.key == key)).first():
        raise KeyTaken(field="key", what="project", key=key)
    statement = insert(projects).values(
        key=key,
        name=name,
        time_zone=time_zone,
        currency=currency,
        language=language,
        created_at=now,
    )
    row = db.execute(statement.returning(projects)).one()
    return _project(row)


def get_project(db: Connection, key: str) -> Project:
    """The project with that key.

    Raises:
        NotFound: If there is none.
    """
    row = db.execute(select(projects).where(projects.c.key == key)).first()
    if row is None:
        raise NotFound(field="project", what="project", key=key)
    return _project(row)


def list_projects(db: Connection) -> list[Project]:
    """All projects, by key."""
    return [_project(row) for row in db.execute(select(projects).order_by(projects.c.key))]


def _project(row: Row[tuple[object, ...]]) -> Project:
    return Project(row.id, row.key, row.name, row.time_zone, row.currency, row.language)
