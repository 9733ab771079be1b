"""How the wave stands, from what a case gathers of it: the values of a letter. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.casefile.telling.past import Past
from alerts.casefile.wave.dossier import Dossier, Forecast, PostPlace
from alerts.claims.claim import KnownClaim
from alerts.detection.signals import Signal
from alerts.notify.contents.quotes import Quote
from alerts.notify.contents.situation import Answer, Bar, FirstPost, Reached, Said, Situation
from alerts.words import VERDICT_NAMES

Gathered = Dossier | tuple[Quote, ...]  # quotes alone where the index was away


def situation(gathered: Gathered, signal: Signal, past: Past, console: str) -> Situation | None:
    """Tells how the wave stands as of the dossier; None where there is none."""
    if not isinstance(gathered, Dossier):
        return None
    before = (past.told or 0, past.told_at)
    found, hour = (signal.negative, signal.window_end or signal.at), (gathered.negative_hour, gathered.now)
    most = [(past.peak, past.peak_at), before, found, hour]
    peak, peak_at = max(most, key=lambda one: one[0])
    return Situation(
        at=gathered.now, negative=gathered.negative_hour, total=gathered.total_hour, authors=gathered.authors_hour,
        expected=gathered.expected_hour, before=past.told, before_at=past.told_at, peak=peak, peak_at=peak_at,
        first=_first(gathered.first, console) if gathered.first else None,
        spread=tuple(
            Reached(source=one.source_name, first_at=one.first_at, posts=one.posts, negative=one.negative)
            for one in gathered.spread
        ),
        said=tuple(
            Said(text=one.text, posts=one.posts, authors=one.authors, first_at=one.first_at) for one in gathered.claims
        ),
        bars=tuple(Bar(start=one.start, total=one.total, negative=one.negative) for one in gathered.trend),
        happened=past.happened, outlook=_outlook(gathered.forecast), edited=gathered.edited, removed=gathered.removed,
    )  # fmt: skip


def quotes_of(gathered: Gathered) -> tuple[Quote, ...]:
    """Returns the posts that are quoted."""
    return gathered.quotes if isinstance(gathered, Dossier) else gathered


def leading_claim(gathered: Gathered) -> str:
    """Returns what most posts say; "" where nothing is known of it."""
    return gathered.claims[0].text if isinstance(gathered, Dossier) and gathered.claims else ""


def library_answer(gathered: Gathered) -> Answer | None:
    """Returns what the claims library has on it."""
    if not isinstance(gathered, Dossier) or gathered.known_claim is None:
        return None
    found = gathered.known_claim
    return Answer(
        claim=found.claim, verdict=VERDICT_NAMES[found.verdict], statement=found.statement, sure=found.sure
    )  # fmt: skip


def with_answer(gathered: Gathered, known: KnownClaim | None) -> Gathered:
    """Returns the same with the library's claim, which is recognised after the rest was gathered."""
    return replace(gathered, known_claim=known) if isinstance(gathered, Dossier) else gathered


def names(keys: Sequence[str], known: dict[str, str], without: Sequence[str]) -> tuple[str, ...]:
    """Names people by their keys, those that are known, without some."""
    return tuple(known[key] for key in keys if key in known and key not in without)


def _first(found: PostPlace, console: str) -> FirstPost:
    """Places the first post; the link is to a page of ours that knows the post, and so leads nowhere else."""
    link = f"{console}/out?post={found.id}" if console else ""
    return FirstPost(
        at=found.at, source=found.source_name, board=found.board, title=found.title, url=found.url, link=link,
        edited_at=found.edited_at, removed=found.removed,
    )  # fmt: skip


def _outlook(found: Forecast | None) -> str:
    if found is None:
        return ""
    return f"预计今后 {found.hours} 小时负面信息 {found.low:.0f}～{found.high:.0f} 条"
