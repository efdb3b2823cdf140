"""English sentences on the data: two variants, machines, contacts, arrival, delivery."""

SENTENCES = {
    # The data.
    "quality.two.none": "No customer met two variants.",
    "quality.two.some": (
        "Customers who met two variants: {number} ({share}). The first one they met counts."
    ),
    "quality.two.warning": "That is more than 1%: find out why they were assigned twice.",
    "quality.two.alarm": (
        "Their share differs between the variants ({shares}), which can bias the comparison: find "
        "out why they were assigned twice."
    ),
    "quality.merged": ("Customers left out because their ids met different variants: {number}."),
    "quality.machines.open": "Share of customers whose mail app opened by itself: {shares}.",
    "quality.machines.click": "Share of customers with a click made by a program: {shares}.",
    "quality.machines.differ": "It differs between the variants.",
    "quality.scanners": (
        "{links} or more different links of one message, clicked by one customer within "
        "{seconds} seconds, count as clicked by a program. Clicks found by this rule alone: "
        "{number}."
    ),
    "quality.contacts": "Messages per customer and week: {rates}.",
    "quality.contacts.differ": (
        "The variants differ in how often customers were written to; a difference in a KPI may "
        "come from that."
    ),
    "quality.watermark": "Events can be believed complete up to {moment}.",
    "quality.delay": "99 of 100 “{event}” events arrive within {delay}.",
    "quality.late": (
        "{share} of the “{event}” events that count arrived after their window had closed."
    ),
    "quality.minute": "{number} minute",
    "quality.minutes": "{number} minutes",
    "quality.rows": "{number} {reason}",
    "quality.rate": "{channel} {rate}",
    "quality.exposures": "Sends and exposures of this test that are left out: {reasons}.",
    "quality.withdrawn": (
        "Records of withdrawn imports, left out as if they had never come: {number}."
    ),
    "quality.erased": "Records of erased customers that came later, not taken in: {number}.",
    # Deliveries given sent.
    "quality.delivery": "Of the customers sent to, the message reached {rates}.",
    "quality.delivery.alike": "No difference between the variants is shown.",
    "quality.delivery.differ": (
        "The variants differ, so rates per delivered are of different customers and cannot be "
        "compared (they may be off by as much as {share} of their value). The verdict counts "
        "everybody sent to."
    ),
}
