"""Addresses that other people's webhooks post to: who may, and how it is known."""
