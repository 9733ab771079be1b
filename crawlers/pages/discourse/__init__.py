"""Discourse by its JSON, without an account."""
