"""Mastodon and what speaks its API: statuses of accounts and of hashtags."""
