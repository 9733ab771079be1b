"""Incidents as cases: what is kept of one, how it is opened and closed, and what its letters say."""
