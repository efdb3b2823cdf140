"""What every page needs: who looks, where they are, and how times and words are written."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request

from api.auth import Access, Caller
from api.i18n import gettext
from api.pages.figures import reader_figures
from api.pages.labels import label, marked


@dataclass(frozen=True)
class Entry:
    """A room of the house in the navigation."""

    endpoint: str
    label: str
    here: bool


ROOMS: tuple[tuple[str, str, str], ...] = (
    ("home_page.home", marked("Home"), "viewer"),
    ("experiment_pages.listing", marked("Tests"), "viewer"),
    ("kpi_pages.listing", marked("KPIs"), "viewer"),
    ("import_pages.listing", marked("Imports"), "viewer"),
    ("settings_pages.settings", marked("Settings"), "admin"),
    ("documentation.page", marked("API docs"), "viewer"),
)


def register(app: Flask) -> None:
    """Give these to every template."""
    app.context_processor(_context)


def may(role: str) -> bool:
    """Whether the person who looks has the role."""
    me = g.get("caller")
    return me is not None and me.may(Access(scope=None, role=role))


def navigation() -> list[Entry]:
    """The rooms the person may enter."""
    here = (request.endpoint or "").partition(".")[0]
    return [
        Entry(endpoint, gettext(name), endpoint.partition(".")[0] == here)
        for endpoint, name, role in ROOMS
        if may(role)
    ]


def this_page() -> str:
    """The address of this page, for coming back to it."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def _context() -> dict[str, Any]:
    me: Caller | None = g.get("caller")
    return {
        "me": me if me is not None and me.user is not None else None,
        "may": may,
        "navigation": navigation,
        "this_page": this_page,
        "label": label,
        "figures": reader_figures() if me is not None else None,
        "role_name": lambda role: label("person", role),
    }
