"""English sentences on the data: two variants, machines, contacts, arrival, delivery."""

SENTENCES = {
    # The data.
    "quality.two.none": "No customer met two variants.",
    "quality.two.some": (
        "{number} customers met two variants ({share}); the first one counts for each."
    ),
    "quality.two.warning": "That is more than 1%: find out why they were assigned twice.",
    "quality.two.alarm": (
        "Their share differs between the variants ({shares}), which can bias the comparison."
    ),
    "quality.merged": (
        "{number} customers had several ids that met different variants; they are left out."
    ),
    "quality.machines.open": "Customers whose mail app opened by itself: {shares}.",
    "quality.machines.click": "Customers with a click made by a program: {shares}.",
    "quality.machines.differ": "The share differs between the variants.",
    "quality.scanners": (
        "{links} or more different links of one message, clicked by one customer within "
        "{seconds} seconds, were clicked by a program: {number} clicks were told by that alone."
    ),
    "quality.contacts": "Messages per customer and week: {rates}.",
    "quality.contacts.differ": (
        "The variants differ in how often customers were written to; a difference in a KPI may "
        "come from that."
    ),
    "quality.watermark": "Events can be believed complete up to {moment}.",
    "quality.delay": "99 in 100 events '{event}' arrive within {delay}.",
    "quality.late": (
        "{share} of the events '{event}' that count came after their window had closed."
    ),
    "quality.minutes": "{number} min",
    "quality.exposures": "Exposures of this test that are left out: {reasons}.",
    "quality.withdrawn": (
        "{number} records of withdrawn imports are left out, as if they had never come."
    ),
    "quality.erased": ("{number} records of erased customers arrived later and were not taken in."),
    # Deliveries given sent.
    "quality.delivery": "Of the customers sent to, the message reached: {rates}.",
    "quality.delivery.alike": "That the variants differ in it is not shown.",
    "quality.delivery.differ": (
        "The variants differ. Rates per delivered are of different customers and cannot be "
        "compared (they may be off by as much as {share} of themselves). The verdict counts "
        "everybody sent to."
    ),
}
