"""Briefs: which are due by the clock and the calendar, and what stands in them, from facts."""
