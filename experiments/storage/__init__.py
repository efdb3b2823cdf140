"""Tables, engine and the queries that more than one use case shares."""
