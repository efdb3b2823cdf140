"""Who did it, a customer or a program: rules as data.

Mail apps open every message when it arrives, and scanners follow every link. A source that
says so is believed (``sg_machine_open``, ``proxy_open``, ``machine_open``); where it says
nothing, the agent that asked may give it away. Both mark single events, so that the answer
does not hang on what else came with them. That links were clicked faster than a person can
is seen only once all clicks are there: ``clicked_by_scanner`` is for reports.

The rules were gathered from what senders report of these programs; none of them is
documented by the program's maker (unverified). A webhook's settings may replace them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from experiments.errors import Invalid
from experiments.ledger.fields import brief

_EVENTS = ("open", "click")
_MOST_AGENTS = 200
_LONGEST_AGENT = 200


@dataclass(frozen=True)
class AgentRule:
    """A user agent that no person uses.

    Attributes:
        events: Of ``open`` and ``click``, those that it tells of.
        text: In small letters.
        whole: Whether the agent is this text, rather than has it somewhere.
    """

    events: tuple[str, ...]
    text: str
    whole: bool = False

    def marks(self, event: str, agent: str) -> bool:
        """Whether a program with this agent did it."""
        said = agent.strip().lower()
        return event in self.events and (said == self.text if self.whole else self.text in said)


# A proxy that fetches only when somebody looks (Gmail's, Yahoo's) is not among them.
AGENTS = (
    # Apple's mail app with its privacy protection says this and nothing more.
    AgentRule(("open",), "mozilla/5.0", whole=True),
    *(
        AgentRule(("open", "click"), text)
        for text in (
            "barracuda", "mimecast", "proofpoint", "trend micro", "safelinks", "ironport",
            "headlesschrome", "phantomjs", "python-requests", "python-urllib", "curl/", "wget/",
            "go-http-client", "okhttp", "java/", "bot/", "bot;", "crawler", "spider",
        )
    ),
)  # fmt: skip


@dataclass(frozen=True)
class MachineRules:
    """What marks an event as a program's.

    Attributes:
        agents: User agents.
        links: Different links of one message that, clicked by one customer ...
        seconds: ... within this time, were clicked by a scanner.
    """

    agents: tuple[AgentRule, ...] = AGENTS
    links: int = 3
    seconds: int = 2

    def marks(self, event: str, agent: object) -> bool:
        """Whether a program with this agent did it; without an agent nobody can say."""
        known = isinstance(agent, str)
        return known and any(rule.marks(event, str(agent)) for rule in self.agents)


RULES = MachineRules()


def read_rules(document: object) -> MachineRules:
    """Read rules from a JSON value: ``agents``, ``links`` and ``seconds``, each if it differs.

    Raises:
        Invalid: Naming the field.

    Examples:
        >>> rules = read_rules({"agents": [{"events": ["open"], "has": "WatchGuard"}]})
        >>> rules.marks("open", "watchguard 1.0"), rules.marks("open", "curl/8")
        (True, False)
    """
    if not isinstance(document, Mapping) or set(document) - {"agents", "links", "seconds"}:
        raise Invalid(
            field="machine", expected="an object of agents, links, seconds", got=brief(document)
        )
    agents = document.get("agents")
    if agents is not None and not (isinstance(agents, list) and len(agents) <= _MOST_AGENTS):
        raise Invalid(
            field="machine.agents", expected=f"a list of at most {_MOST_AGENTS}", got=brief(agents)
        )
    return MachineRules(
        AGENTS if agents is None else tuple(_agent(each, n) for n, each in enumerate(agents)),
        _whole(document, "links", RULES.links),
        _whole(document, "seconds", RULES.seconds),
    )


def _agent(rule: Any, index: int) -> AgentRule:
    field = f"machine.agents.{index}"
    if not isinstance(rule, Mapping) or set(rule) - {"events", "has", "is"}:
        raise Invalid(field=field, expected="an object of events and has or is", got=brief(rule))
    events = rule.get("events", list(_EVENTS))
    if not isinstance(events, list) or not events or any(each not in _EVENTS for each in events):
        raise Invalid(field=f"{field}.events", expected="some of open, click", got=brief(events))
    text = rule.get("is", rule.get("has"))
    if not isinstance(text, str) or not 0 < len(text.strip()) <= _LONGEST_AGENT:
        raise Invalid(field=field, expected="has or is, with a text", got=brief(text))
    return AgentRule(tuple(events), text.strip().lower(), whole="is" in rule)


def _whole(document: Mapping[str, Any], name: str, usual: int) -> int:
    value = document.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise Invalid(field=f"machine.{name}", expected="1 to 100", got=brief(value))
    return value


class Click(NamedTuple):
    """A click on a link of a message."""

    source_id: str
    message: str
    unit_id: str
    url: str
    at: datetime


def clicked_by_scanner(clicks: Iterable[Click], rules: MachineRules = RULES) -> set[str]:
    """The source ids of clicks that came faster than a person can, in whatever order.

    Examples:
        >>> from datetime import UTC
        >>> at = datetime(2025, 3, 10, 1, tzinfo=UTC)
        >>> sorted(clicked_by_scanner(Click(url, "m", "u", url, at) for url in "abc"))
        ['a', 'b', 'c']
    """
    together: defaultdict[tuple[str, str], list[Click]] = defaultdict(list)
    for click in clicks:
        together[click.message, click.unit_id].append(click)
    return {
        click.source_id
        for of_one in together.values()
        for click in _burst(sorted(of_one, key=lambda each: each.at), rules)
    }


def _burst(clicks: list[Click], rules: MachineRules) -> Iterable[Click]:
    within = timedelta(seconds=rules.seconds)
    found: set[int] = set()
    start = 0
    for end, click in enumerate(clicks):
        while click.at - clicks[start].at > within:
            start += 1
        if len({each.url for each in clicks[start : end + 1]}) >= rules.links:
            found.update(range(start, end + 1))
    return [clicks[index] for index in sorted(found)]
