"""Counts of many series, one step after the other: what is usual, what leaves it, what belongs together. Pure."""
