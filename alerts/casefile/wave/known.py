"""The library's claim that a new wave repeats, put beside it: it came before, and has been answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.wave.folding import commonest, fold_posts
from alerts.casefile.wave.posts import read_wave
from alerts.claims.claim import KnownClaim
from alerts.claims.recognition import recognise
from alerts.claims.tables import read_claims
from alerts.detection.signals import HOUR, Signal
from alerts.notify.contents.quotes import accuses, clean, own_words
from alerts.words import VERDICT_NAMES
from stream.errors import Retryable
from stream.index.port import Reader
from stream.messages import ScoredPost
from stream.process.clock import SHANGHAI

GROUPS = 5  # commonest claims of a wave that are held against the library
FIRST = 5  # earliest posts likewise


def with_known_claim(session: Session, reader: Reader, snapshot: CaseSnapshot, now: datetime) -> CaseSnapshot:
    """Notes in the snapshot which claim of the library its wave repeats; as it is while the index is away."""
    claims = read_claims(session)
    if not claims:
        return replace(snapshot, known_claim=None)
    signal = snapshot.signal
    try:
        wave = read_wave(
            reader, signal.topic, signal.since, usual_an_hour(signal), now, not_before=snapshot.calmed_at
        )  # fmt: skip
        shown = reader.get(snapshot.posts)
    except Retryable:
        return snapshot
    texts = telling_texts([*wave.negatives, *shown])
    return replace(snapshot, known_claim=recognise(claims, texts, now.astimezone(SHANGHAI).date()))


def known_detail(snapshot: CaseSnapshot) -> dict[str, object]:
    """Says for the record which claim was recognised, and whether for sure."""
    known = snapshot.known_claim
    return {"known_claim": {"id": known.id, "sure": known.sure, "score": known.score}} if known else {}


def known_line(known: KnownClaim) -> str:
    """Says which claim of the library a case repeats, or may."""
    how = "相符" if known.sure else "可能相符"
    return f"与辟谣库第 {known.id} 条{how}（{VERDICT_NAMES[known.verdict]}）：{clean(known.claim)}"


def telling_texts(posts: Sequence[ScoredPost]) -> list[tuple[str, int]]:
    """Chooses the texts by which a wave is recognised, with how many posts say each: what most say, what came first."""
    accusing = [post for post in {post.id: post for post in posts}.values() if accuses(post)]
    groups = fold_posts(accusing)[:GROUPS]
    common = [(own_words(commonest(group)), len(group)) for group in groups]
    return common + [(own_words(post), 1) for post in accusing[:FIRST]]


def usual_an_hour(signal: Signal) -> float:
    """Tells how many negatives an hour are usual, by the window that was judged."""
    return signal.expected / max(1.0, signal.length / HOUR)
