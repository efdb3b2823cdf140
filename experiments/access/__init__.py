"""Who may do what: users with a role in a project, and keys with scopes."""
