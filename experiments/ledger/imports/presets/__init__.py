"""Exports of other tools by name: which column is what, so that nobody has to say it.

To add one: a module with a ``PRESET``, an entry here, a recorded example in
``sample_data/recorded/imports/``, a row in ``docs/sources.md``.
"""

from collections.abc import Sequence
from typing import Any

from experiments.ledger.fields import check_one_of
from experiments.ledger.imports.given import Given
from experiments.ledger.imports.presets import (
    dfinery,
    flarelane,
    mail_tool,
    mailchimp,
    salesforce,
)
from experiments.ledger.imports.presets.contract import Columns, Preset

PRESETS: dict[str, Preset] = {
    module.PRESET.name: module.PRESET
    for module in (mailchimp, salesforce, flarelane, dfinery, mail_tool)
}


_OF_EVERY_ROW = ("experiment", "variant", "channel")


def expanded(document: object, header: Sequence[str]) -> dict[str, Any]:
    """The whole mapping that a document with a preset stands for; what it says itself wins.

    Args:
        document: Such as ``{"preset": "mailchimp", "experiment": "spring", "at": …}``.
        header: Names of the file's columns.

    Raises:
        Invalid: If there is no such preset, or the file is no export of it.
    """
    given = Given.of(document, "")
    name = check_one_of(given.required("preset"), tuple(PRESETS), "preset")
    found = PRESETS[name].propose(Columns(header))
    said = {name: value for name, value in given.values.items() if value is not None}
    if found["form"] == "long":
        # The test of every row stands among what is the same in all of them.
        named = {name: said.pop(name) for name in _OF_EVERY_ROW if name in said}
        constants = found.get("constants", {}) | named | said.pop("constants", {})
        return found | {"constants": constants} | said
    if isinstance(said.get("variant"), str):
        said["variant"] = {"constant": said["variant"]}
    return found | said


def fitting(header: Sequence[str]) -> Preset | None:
    """The first preset whose export a file looks like."""
    columns = Columns(header)
    return next((preset for preset in PRESETS.values() if preset.fits(columns)), None)
