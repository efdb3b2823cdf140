"""Before the start: whether events and exposures arrive as the test will count them."""
