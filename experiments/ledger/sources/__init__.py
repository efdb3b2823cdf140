"""Other people's clients: what each sends, read as exposures and events."""
