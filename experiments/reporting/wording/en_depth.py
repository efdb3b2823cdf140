"""English sentences of what stands behind a verdict, under the same keys as the Korean ones."""

SENTENCES = {
    # One segment only.
    "segment.headline": "These are the numbers of one segment: {segment}.",
    "segment.units": "{customers} of it are counted.",
    "segment.none": "No verdict is given on one segment alone.",
    "segment.next": "See the report of all customers for the verdict.",
    # A planned look.
    "look.win": "At check {number} of {looks}, {variant} is shown to be better.",
    "look.loss": "At check {number} of {looks}, {variant} is shown to be worse.",
    "look.why": "We check {looks} times, so the bar was set higher, and it was passed.",
    "look.range": (
        "{kpi:capital}: the difference was {difference} then; allowing for error {range}."
    ),
    "look.win.next": "The test may end now, and {variant} be used.",
    "look.unsure.next": (
        "The test may end now, but a guardrail is not yet shown to be safe: the owner should "
        "decide."
    ),
    "look.loss.next": "The test may end now; keep {control}.",
    "look.came": "Check {number} ({at}): {seen} of the planned customers, {findings}.",
    "look.due": "Check {number}: once {share} of the planned customers are counted.",
    "look.shown": "a difference of {variant} shown",
    "look.not_shown": "no difference of {variant} shown",
    # Deliveries given sent.
    "quality.delivery": "Of the customers sent to, the message reached: {rates}.",
    "quality.delivery.alike": "That the variants differ in it is not shown.",
    "quality.delivery.differ": (
        "The variants differ. Rates per delivered are of different customers and cannot be "
        "compared (they may be off by as much as {share} of themselves). The verdict counts "
        "everybody sent to."
    ),
    # A holdout.
    "holdout.gap": "The holdout cannot be compared. {reason}",
    "holdout.values": (
        "{kpi:capital}: {compared} of customers who get messages, {held} of those who get none."
    ),
    "holdout.shown": "A difference of {difference} is shown (allowing for error {range}).",
    "holdout.not_shown": (
        "The difference is {difference}, but it is not shown (allowing for error {range})."
    ),
    "holdout.total": (
        "Sending to the {customers} compared brought {total} more (allowing for error {range})."
    ),
    "holdout.returns": (
        "{ratio} times the cost of the messages, {cost}, came in on top (allowing for error "
        "{range} times)."
    ),
    # The way forward from a broken split.
    "way.lost": "At least {share} of the customers are missing in {variant}.",
    "way.cause": "{stage:capital}, {group}: {observed} ({counts}).",
    "way.nowhere": "They are not missing in one channel, one kind of customer or one day alone.",
    "way.next": (
        "Mend the cause and start again in a new phase, or leave out a channel or a day that was "
        "named before anybody saw results."
    ),
    # Beside a comparison.
    "plain": "{difference} (allowing for error {range})",
    "expected": (
        "In use, expect a difference of about {expected} from {variant} (observed {observed}, "
        "expected {relative})."
    ),
    "expected.why": "What did best was helped by chance, so the real effect may be smaller.",
    "covariate.used": (
        "What each customer did before the test is accounted for: the answer is as precise as "
        "with {gain} more customers."
    ),
    "covariate.used.plain": "What each customer did before the test is accounted for.",
    "covariate.without": "Without it, the difference is {plain}.",
    "covariate.beside": (
        "Accounting for what customers did before, the difference is {adjusted}. The verdict "
        "goes by the numbers without it."
    ),
    "covariate.not.too_few_units": (
        "What customers did before is not accounted for: there are too few of them."
    ),
    "covariate.not.no_covariate": (
        "What customers did before is not accounted for: it is the same for all, or unknown."
    ),
    "covariate.not.unbalanced": (
        "What customers did before differs between the variants, so it is not accounted for: "
        "check that customers were split evenly."
    ),
    "covariate.not.weak_covariate": (
        "What customers did before says little about the result, so it is not accounted for."
    ),
    "covariate.not.scarce_outcomes": (
        "What customers did before is not accounted for: too few of them did anything."
    ),
    "covariate.not.nothing_left": (
        "What customers did before is not accounted for: nothing would be left to compare."
    ),
    "phases.used": (
        "Each phase of the allocation is compared with itself, and the phases are put together: "
        "the answer is as precise as with {gain} more customers."
    ),
    "phases.used.plain": (
        "Each phase of the allocation is compared with itself, and the phases are put together."
    ),
    "phases.without": (
        "Thrown together, the difference is {plain}, but that compares different times."
    ),
    "phases.beside": "Phase by phase, the difference is {adjusted}.",
    "phases.left_out": (
        "{share} of the customers came in phases with one variant only and are not compared."
    ),
    "phases.not.no_shared_stratum": "No phase has customers in both variants to compare.",
    "phases.not.scarce_outcomes": (
        "The phases cannot be compared one by one: too few customers did anything."
    ),
    "phases.not.nothing_left": (
        "The phases cannot be compared one by one: within them all values are the same."
    ),
    "uncapped": (
        "A customer's value counts up to {cap}. Counted as it is, the difference is {without}."
    ),
    "uncapped.agree": "Either way the answer is the same.",
    "uncapped.differ": "The answer depends on it: a few large values decide.",
    "credit.own": "{rule:capital} (this KPI's rule): difference {result}.",
    "credit.other": "{rule:capital}: difference {result}.",
    "credit.none": "{rule:capital}: nothing to count.",
    "credit.agree": "Whichever message gets the credit, the answer is the same.",
    "credit.differ": "The answer depends on which message gets the credit.",
    "days.one": "Day {first}",
    "days.many": "Days {first} to {last}",
    "days.hours": "{first} to {last}",
    "days.each": "{stretch}: difference {result}.",
    "days.only": "A difference is shown for {stretches}, and not for the rest.",
    "steps.each": "{event}: {parts}.",
    "steps.variant": "{variant} {units} ({share})",
    "needed.open": "A difference in this KPI is not shown yet.",
    "needed": "It takes about {customers} per variant to tell.",
    "needed.days": "At the pace so far, that is about {days} more days.",
    # Groups, the interaction first.
    "groups.each": "by {name}",
    "groups.whether": "between {name} and everybody else",
    "groups.differ": "The effect is shown to differ {each}. A difference is shown for {groups}.",
    "groups.differ.nowhere": (
        "The effect is shown to differ {each}, but it is not known yet where there is one."
    ),
    "groups.baselines": (
        "Differences are larger where values are high to begin with; that relative differences "
        "are unlike is not shown."
    ),
    "groups.look": (
        "Only for {groups} the difference looks large, but that the effect differs {each} is "
        "not shown."
    ),
    "groups.same": "That the effect differs {each} is not shown.",
    "groups.test": "by the variant met in the test “{name}”",
    "groups.next.test": "Do not take it as a sign that one test changes the other.",
    "groups.next": "Do not take it as a reason to send differently by {name}.",
    "groups.next.whether": "Do not take it as a reason to send differently to {name}.",
    "groups.gap": "Whether the effect differs {each} cannot be told. {reason}",
}
