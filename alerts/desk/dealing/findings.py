"""What is known of a case's wave for its page: claims, first source, quotes, and what is known, unknown, reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.telling.express import REPORTING, express, known, questions
from alerts.casefile.telling.past import Past, read_past
from alerts.casefile.telling.standing import situation
from alerts.casefile.wave.dossier import Dossier, gather
from alerts.casefile.wording import unverified
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.quotes import Quote, quote
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import owed
from stream.errors import Retryable
from stream.state.database import reading

FRESH = timedelta(days=3)  # after its end a case's wave is still told from the index; later on the report has it
ADVICE = "六、"  # what begins the line of a report upward that advises: of steps that report alone


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post of the case as it may be shown, with the number it is known by."""

    id: str
    quote: Quote
    source_name: str


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What was verified, and what is not known and is to be found out, a sentence each."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]


def read_dossier(context: CaseContext, case: Case, snapshot: CaseSnapshot, now: datetime) -> Dossier | None:
    """Gathers what the index has of the wave; None of a case that ended long ago.

    Raises `Retryable` while the index is away.
    """
    if case.ended_at is not None and now - case.ended_at > FRESH:
        return None
    found = gather(context.reader, snapshot, case, context.topics, context.source_names, now)
    if found is None:
        raise Retryable("帖文索引没有应答")
    return found


def read_shown(context: CaseContext, ids: Sequence[str], now: datetime) -> tuple[ShownPost, ...]:
    """Reads posts of a case as they may be shown; those that are there. Raises `Retryable` while the index is away."""
    return tuple(
        ShownPost(post.id, quote(post, now), context.source_names.get(post.source, post.source))
        for post in context.reader.get(ids)
    )


def read_the_past(context: CaseContext, case: Case, now: datetime) -> Past:
    """Reads what was done about the case so far, and who was written to."""
    with reading(context.engine) as session:
        return read_past(session, case, now)


def known_facts(context: CaseContext, case: Case, snapshot: CaseSnapshot, past: Past) -> KnownFacts:
    """Tells what is known of the claim and what is not."""
    verdict = VERDICT_NAMES[case.verdict] if case.verdict else ""
    danger = "" if verdict else unverified(cue_names(context.topics, snapshot.cues))
    return KnownFacts(known(past.verified, verdict), questions(owed(case) or "", verdict, danger))


def express_lines(
    context: CaseContext, case: Case, snapshot: CaseSnapshot, dossier: Dossier, past: Past, now: datetime
) -> tuple[str, ...]:  # fmt: skip
    """Drafts the report upward, the 快报, at whatever step the case stands."""
    step = owed(case) or ""
    lines = express(
        topic=context.topic_name(case.topic), grade=GRADE_NAMES[case.grade],
        verdict=VERDICT_NAMES[case.verdict] if case.verdict else "",
        claim=dossier.claims[0].text if dossier.claims else "",
        situation=situation(dossier, snapshot.signal, past, context.config.console_address), deeds=past.deeds[:5],
        step=step if step in REPORTING else REPORTING[-1], now=now,
    )  # fmt: skip
    return lines if step in REPORTING else tuple(one for one in lines if not one.startswith(ADVICE))
