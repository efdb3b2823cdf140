"""Words for keys on screen.

What reports name too comes from `experiments.reporting.wording`, the names of kinds of KPI
from their table; the rest stands here in English and in the catalogue in Korean. `marked`
does nothing but let the catalogue's test find the words.
"""

from api.i18n import current_language, gettext
from api.pages import import_labels
from experiments.kpis.kinds import KINDS
from experiments.reporting.wording import labels as said


def marked(message: str) -> str:
    """The message as it is; looked up when it is shown."""
    return message


ELEMENTS = {
    "subject_line": marked("Subject line"),
    "content": marked("Content"),
    "offer": marked("Offer"),
    "send_time": marked("Time of sending"),
    "delay": marked("Delay"),
    "cadence": marked("Rhythm"),
    "channel": marked("Channel"),
    "journey": marked("Journey"),
    "sender": marked("Sender"),
    "frequency": marked("Frequency"),
    "landing_page": marked("Landing page"),
    "audience": marked("Audience"),
    "other": marked("Something else"),
}
STAGES = {
    "awareness": marked("Awareness"),
    "acquisition": marked("Acquisition"),
    "activation": marked("Activation"),
    "revenue": marked("Revenue"),
    "retention": marked("Retention"),
    "referral": marked("Referral"),
}
TIERS = {
    "strategic": marked("Strategic"),
    "tactical": marked("Tactical"),
    "operational": marked("Operational"),
}
TIMINGS = {
    "leading": marked("Leading"),
    "lagging": marked("Lagging"),
}
CYCLES = {
    "daily": marked("Every day"),
    "weekly": marked("Every week"),
    "monthly": marked("Every month"),
}
PERIODS = {
    "day": marked("Per day"),
    "week": marked("Per week"),
    "month": marked("Per month"),
    "quarter": marked("Per quarter"),
}
ASSIGNMENT_REASONS = {
    "not_started": marked("not started"),
    "paused": marked("paused"),
    "stopped": marked("the test is over"),
    "external": marked("another tool assigns"),
    "no_hash_value": marked("the attribute that is assigned by is missing"),
    "holdout": marked("in a holdout"),
    "other_test": marked("in another test of the layer"),
    "suppressed": marked("on a list of customers to be left out"),
    "no_consent": marked("not on a list that is required"),
    "not_targeted": marked("not in the audience"),
    "capped": marked("had enough messages lately"),
    "cooling_down": marked("met another test lately"),
    "not_covered": marked("outside the share that takes part"),
}
STATUSES = {
    "draft": marked("Not agreed yet"),
    "official": marked("Official"),
    "under_review": marked("Under review"),
    "retired": marked("Retired"),
}
UNITS_OF_MEASURE = {
    "rate": marked("Rate"),
    "count": marked("Number"),
    "money": marked("Money"),
    "days": marked("Days"),
    "score": marked("Score"),
}
DIRECTIONS = {
    "up": marked("Higher is better"),
    "down": marked("Lower is better"),
}
BASES = {
    "trend": marked("Trend of the past"),
    "benchmark": marked("Benchmark"),
    "realistic": marked("Realistic"),
    "bold": marked("Bold"),
}
ROLES_OF_PEOPLE = {
    "viewer": marked("Viewer"),
    "analyst": marked("Analyst"),
    "marketer": marked("Marketer"),
    "admin": marked("Administrator"),
}
SCOPES = {
    "assign": marked("Ask for assignments"),
    "ingest": marked("Send records"),
    "read": marked("Read"),
    "admin": marked("Everything"),
}
ALLOCATIONS = {
    "truelift": marked("Truelift assigns"),
    "external": marked("Another tool assigned"),
}
ADAPTIVE = {
    "stay": marked("They stay as they are"),
    "day": marked("They follow the results, every day"),
    "week": marked("They follow the results, every week"),
}
SMART = {
    "specific": (marked("Specific"), "S"),
    "measurable": (marked("Measurable"), "M"),
    "achievable": (marked("Achievable"), "A"),
    "relevant": (marked("Relevant"), "R"),
    "time_bound": (marked("Time-bound"), "T"),
}
MOVES = {
    "start": marked("Start the test"),
    "pause": marked("Pause"),
    "resume": marked("Resume"),
    "stop": marked("End the test"),
    "unschedule": marked("Back to the draft"),
    "archive": marked("Archive"),
}
MOVED = {
    "start": marked("The test has started."),
    "pause": marked("The test is paused: nobody new is assigned."),
    "resume": marked("The test runs again."),
    "stop": marked("The test has ended. What is left is the decision."),
    "unschedule": marked("The test is a draft again."),
    "archive": marked("The test is archived."),
    "decide": marked("The decision is written down."),
}
GUARDRAILS = {
    "safe": marked("safe"),
    "harmful": marked("over the limit"),
    "not_shown_safe": marked("not shown safe yet"),
}
TABLES = {
    "move": MOVES,
    "guardrail": GUARDRAILS,
    "element": ELEMENTS,
    "stage": STAGES,
    "tier": TIERS,
    "timing": TIMINGS,
    "cycle": CYCLES,
    "period": PERIODS,
    "status": STATUSES,
    "assignment_reason": ASSIGNMENT_REASONS,
    "unit": UNITS_OF_MEASURE,
    "direction": DIRECTIONS,
    "basis": BASES,
    "person": ROLES_OF_PEOPLE,
    "scope": SCOPES,
    "import": import_labels.STATES,
    "import_kind": import_labels.KINDS,
    "import_role": import_labels.ROLES,
    "import_fact": import_labels.FACTS,
    "date_order": import_labels.DATE_ORDERS,
    "allocation": ALLOCATIONS,
    "adaptive": ADAPTIVE,
}


# Tables of the wording of reports, by the name they have here.
SAID = {
    "state": "state",
    "channel": "channel",
    "shape": "shape",
    "purpose": "purpose",
    "role": "role",
    "anchor": "anchor",
    "split": "stage",
    "suppressed": "suppressed",
    "excluded": "exclusion",
    "quality": "quality",
    "depth": "depth",
    "missing": "document",
}
ALONE = frozenset({"state", "channel", "shape", "purpose"})


def label(table: str, key: str | None) -> str:
    """The word for a key in the reader's language; the key itself where there is no word.

    Words that stand alone on screen begin with a capital.
    """
    if key is None:
        return ""
    if table == "kind":
        return KINDS[key].name.in_language(current_language()) if key in KINDS else key
    if table not in SAID:
        return gettext(TABLES[table].get(key, key))
    word = said.label(SAID[table], key, current_language())
    return word[:1].upper() + word[1:] if table in ALONE else word
