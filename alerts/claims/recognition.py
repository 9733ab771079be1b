"""Which claim of the library a wave repeats. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alerts.claims.claim import Claim, KnownClaim
from alerts.claims.matching import ClaimMatcher, Match


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text that repeats a claim: its place among the texts, from 0, and the claim."""

    text: int
    known: KnownClaim


def recognise_each(claims: Sequence[Claim], texts: Sequence[str], today: date) -> list[Recognised]:
    """Finds the texts that repeat a claim, in order. One whose time is over is only suggested."""
    matches = ClaimMatcher([one.claim for one in claims]).match(texts)
    return [Recognised(at, _known(claims[one.claim], one, today)) for at, one in enumerate(matches) if one is not None]


def recognise(claims: Sequence[Claim], texts: Sequence[tuple[str, int]], today: date) -> KnownClaim | None:
    """Finds the claim that a wave repeats, given its texts and how many posts say each.

    A sure one before a suggested one, then the one that more posts repeat, then the likeliest.
    """
    found: dict[int, list[tuple[KnownClaim, int]]] = {}
    for one in recognise_each(claims, [text for text, _ in texts], today):
        found.setdefault(one.known.id, []).append((one.known, texts[one.text][1]))
    best = [max(some, key=lambda one: (one[0].sure, one[0].score))[0] for some in found.values()]
    posts = {number: sum(count for _, count in some) for number, some in found.items()}
    return max(best, key=lambda one: (one.sure, posts[one.id], one.score, -one.id), default=None)


def expired(valid_until: date | None, today: date) -> bool:
    """Tells whether the last day on which a claim holds is past."""
    return valid_until is not None and valid_until < today


def _known(claim: Claim, match: Match, today: date) -> KnownClaim:
    sure = match.sure and not expired(claim.valid_until, today)
    return KnownClaim(
        id=claim.id, claim=claim.claim, verdict=claim.verdict, statement=claim.statement, owner=claim.owner,
        valid_until=claim.valid_until, sure=sure, score=round(match.score, 3),
    )  # fmt: skip
