"""Decisions: what a person, or a rule declared beforehand, makes of a verdict."""
