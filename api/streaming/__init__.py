"""``truelift stream``: changes told to the apps that listen, by a process of its own.

A listener would hold a request thread of the web process for as long as it listens.
"""
