"""English sentences on what stands behind a comparison: adjustments, caps, credit, days."""

SENTENCES = {
    "expected": (
        "In use, expect a difference of about {expected} from {variant} ({observed} in the test)."
    ),
    "expected.why": (
        "What did best was probably helped by chance, so the real effect tends to be smaller "
        "than in the test."
    ),
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
        "The variants are compared within each phase of the allocation, and the phases put "
        "together: the answer is as precise as with {gain} more customers."
    ),
    "phases.used.plain": (
        "The variants are compared within each phase of the allocation, and the phases put "
        "together."
    ),
    "phases.without": (
        "Taken together, the difference is {plain}, but that compares different times."
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
    "days.one": "day {first}",
    "days.many": "days {first} to {last}",
    "days.hours": "hours {first} to {last}",
    "days.each": "{stretch:capital}: difference {result}.",
    "days.only": "A difference is shown for {stretches}, and not for the rest.",
    "steps.each": "{event}: {parts}.",
    "steps.variant": "{variant} {units} ({share})",
    "needed.open": "A difference in this KPI is not shown yet.",
    "needed.power": (
        "With the customers of this test, the chance to see a difference of {effect} was {chance}."
    ),
    "needed": "It takes about {customers} per variant to tell.",
    "needed.days": "At the pace so far, that takes about {days} more days.",
    "needed.day": "At the pace so far, that takes about one more day.",
}
