"""What of an installation's people and topics is still made up: said at every check and start, kept from the mail."""

from collections.abc import Iterator

from alerts.config import AlertsConfig
from stream.process.mail import is_made_up
from stream.topics import TopicsConfig

COMPANY = "临江"  # of configs/example


def still_made_up(alerts: AlertsConfig, topics: TopicsConfig) -> Iterator[str]:
    """Yields what a person must still put in place of the shipped words, one sentence a place."""
    if COMPANY in alerts.organisation:
        yield f"alerts.yml: organisation: {alerts.organisation} is the shipped example's: write your own"
    people = [key for key, person in alerts.people.items() if is_made_up(person.email or "")]
    if people:
        yield f"alerts.yml: people: the addresses of {', '.join(people)} are made up: write their own"
    for key in ("sender", "host"):
        if is_made_up(getattr(alerts, key)):
            yield f"alerts.yml: {key}: {getattr(alerts, key)} is made up: write your own"
    named = [key for key, words in topics.aliases.items() if any(COMPANY in word for word in words)]
    if named:
        yield f"topics.yml: aliases: {', '.join(named)}: words of the shipped example's company: write your own"
