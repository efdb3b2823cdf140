"""How fast no person clicks, as a project's webhooks say."""

from sqlalchemy import Connection, select

from experiments.ledger.machine import RULES, MachineRules, read_rules
from experiments.storage.projects import Project
from experiments.storage.tables import inbound_webhooks


def pace_rules(db: Connection, project: Project) -> MachineRules:
    """The rules by which clicks of any source are judged once all are there.

    Clicks of one message may come by several addresses, so one rule holds for the project:
    of what its webhooks say, the most links and the fewest seconds, so that nobody is taken
    for a program whom one of them would not; the usual rule where none says anything.
    """
    live = select(inbound_webhooks.c.settings).where(
        inbound_webhooks.c.project_id == project.id, inbound_webhooks.c.revoked_at.is_(None)
    )
    said = [settings.get("machine") or {} for settings in db.execute(live).scalars()]
    stated = [rule for rule in said if rule.keys() & {"links", "seconds"}]
    rules = [read_rules(rule) for rule in stated] or [RULES]
    return MachineRules(
        links=max(rule.links for rule in rules), seconds=min(rule.seconds for rule in rules)
    )
