"""Weibo's open platform: statuses and comments as its API tells them, and what it says when it refuses."""
