"""KPIs as documents: what is counted, in which window, against which target."""
