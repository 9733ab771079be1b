"""A day by which something has to be done, as people write it: in Beijing, and until the end of office hours."""

from datetime import datetime, time

from stream.process.clock import SHANGHAI

END_OF_DAY = time(18)  # what is promised for a day is due when its offices close


def read_until(text: str) -> datetime:
    """Reads `2026-10-08`, of which the end of office hours is meant, or a day with a time; `ValueError` for neither."""
    read = datetime.fromisoformat(text)
    at = datetime.combine(read, END_OF_DAY) if len(text) == len("2026-10-08") else read
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
