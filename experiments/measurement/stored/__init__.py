"""Values and samples kept beside the replica, brought up to date by what the ledger has gained.

- ``definition``: what an answer depends on, as a name.
- ``sheet``: the KPIs whose values are kept together, and what is kept of them.
- ``shelf``: the files of a sheet, and the manifest that names them.
- ``part``: a session on the facts that are seen at a moment, of everybody or of some.
- ``values``, ``partitions``: a row for every unit, by the day of its anchor.
- ``sums``: those of each day; ``whole``: what is counted without looking at units.
- ``touched``: whose values new facts may change.
- ``refresh``: how they come together. ``measured``: measuring by them.
"""
