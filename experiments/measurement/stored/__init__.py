"""Values and samples kept beside the replica, brought up to date by what the ledger has gained.

- ``definition``: what an answer depends on, as a name.
- ``sheet``: the KPIs whose values are kept together; ``layout``, ``packing``: how, in a row.
- ``shelf``: the files of a sheet, and the manifest that names them; ``layers``: which of
  their rows count.
- ``part``: a session on the facts that are seen at a moment, of everybody or of some.
- ``values``, ``together``: a row for every unit; ``marks``: what became of its events.
- ``scripts``: the statements for that, compiled once.
- ``touched``: whose values new facts may change; ``onwards``: what these are, from what is
  kept and what is new. ``steps``: what is recorded of it. ``writing``: rows, written.
- ``sums``: those of each day, of ``products``; ``turnover``, ``balance``: how they change.
- ``whole``, ``delays``, ``tallies``, ``days``: what is counted without looking at units.
- ``refresh``: how they come together. ``measured``: measuring by them.
"""
