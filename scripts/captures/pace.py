"""How well a crawler kept its distance, told by the server it visited."""

from collections.abc import Sequence


def most_delayed(arrivals: Sequence[float], delay: float) -> float:
    """Seconds: the least that some request must have been on its way, if requests left at least `delay` apart.

    `arrivals` are times in seconds. A busy machine takes notice of a request late, never early, so one late arrival
    brings the next one close to it and says nothing about the crawler. A crawler that is too quick gains on `delay`
    with every request, and its last ones would have been on their way for all of that.
    """
    left, most = float("inf"), 0.0
    for arrival in sorted(arrivals, reverse=True):
        left = min(arrival, left - delay)
        most = max(most, arrival - left)
    return most
