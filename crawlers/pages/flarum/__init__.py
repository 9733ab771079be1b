"""Flarum by its JSON:API, without an account."""
