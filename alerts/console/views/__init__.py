"""A module a page: what it shows and what is done there; the table of all of them is `alerts/console/doors.py`."""
