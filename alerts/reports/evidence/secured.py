"""Pages of a case as their sites sent them: secured before their day is over, and looked at; its record says who.

The record is written first: there may be a line about a page that is not there, never a page that no line is about.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Doer, doer, hold, roster
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import from_json
from alerts.casefile.tables import CaseRow, read_case, record
from alerts.people.rights import require
from alerts.reports.wave import MOST, read_posts
from alerts.words import EVIDENCE_NAMES
from alerts.workflow.cases import Case, Order, Refused
from alerts.workflow.ladder import leaders, rungs, seated
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.errors import Retryable
from stream.responses.capture import Capture
from stream.responses.evidence import EvidenceFolder, EvidenceKey, Sealed, SealedPage, UnfitKey, read_key
from stream.responses.store import ResponseStore
from stream.state.database import reading, transaction
from stream.state.tombstones import all_gone, gone

SECURE, LOOK = "secure_pages", "look_at_page"  # as the record has them
LEAST = 8  # digits by which a page is named


@dataclass(frozen=True, slots=True)
class Secured:
    """What came of securing: pages that are new to the case, pages it has, posts of its that no page shows."""

    new: int
    pages: int
    without: int


@dataclass(frozen=True, slots=True)
class PageEvidence:
    """Where pages lie, for a day and for good, and the file of the key that lies apart from both."""

    responses: ResponseStore
    folder: EvidenceFolder
    key_file: Path | None

    def key(self) -> EvidenceKey:
        """Reads the key; raises `Refused` where there is none."""
        if self.key_file is None:
            raise Refused("alerts.yml 没有写 evidence_key_file，无法加密存证；请系统管理员先配置密钥文件")
        try:
            return read_key(self.key_file)
        except UnfitKey as error:
            raise Refused(f"存证密钥不可用：{error}") from error


def secure_pages(context: CaseContext, evidence: PageEvidence, case_id: int, order: Order, now: datetime) -> Secured:
    """Seals what is left of the pages that show the case's posts, for as long as posts are kept.

    Doing it again adds what came since. Raises `Refused`, `Retryable` while the index is away, OSError where the disk
    is full.
    """
    key, by = evidence.key(), doer(context, order)
    with reading(context.engine) as session:
        case, quoted = _read(session, case_id)
    found = read_posts(context.reader, case.topic, case.since, min(now, case.ended_at or now))
    if found is None:
        raise Retryable("the index does not answer: whose pages to secure is not known")
    posts = frozenset((*(post.id for post in found[:MOST]), *quoted))
    erased = frozenset(all_gone(context.engine, now))
    posts -= erased
    there = {page.path.name for page in evidence.folder.pages(case_id)}
    new = {
        one.name: one.digest
        for one in evidence.responses.showing(posts)
        if one.name not in there and erased.isdisjoint(one.posts)
    }
    _record(context, case_id, SECURE, order, by, now, _listed(new.values()))
    for one in evidence.responses.showing(posts):
        if one.name in new:
            evidence.folder.seal(case_id, one, key)
    pages = list(evidence.folder.pages(case_id))
    return Secured(len(new), len(pages), len(posts.difference(*(page.posts for page in pages))))


def look_at_page(
    context: CaseContext, evidence: PageEvidence, case_id: int, digest: str, order: Order, now: datetime
) -> Capture:
    """Opens a page of the case by its digest, or the beginning of one; the record says who looked, and why.

    Raises `Refused`, also where it shows a post that was erased meanwhile.
    """
    key, by = evidence.key(), doer(context, order)
    page = _named(tuple(evidence.folder.pages(case_id)), case_id, digest)
    with reading(context.engine) as session:
        erased = gone(session, page.posts, now)
    if erased:
        evidence.folder.erase(erased)
        raise Refused("该网页含有已按要求清除的帖文，已一并清除")
    _record(context, case_id, LOOK, order, by, now, {"page": page.digest})
    return _opened(evidence, page, key)


def look_at_all(
    context: CaseContext, evidence: PageEvidence, case_id: int, order: Order, now: datetime
) -> list[Capture]:
    """Opens every page of the case but those of erased posts; one line of the record says who did, and why.

    Raises `Refused` where one does not open: a packet that lacks a page without a word is none.
    """
    key, by = evidence.key(), doer(context, order)
    erased = frozenset(all_gone(context.engine, now))
    pages = [page for page in evidence.folder.pages(case_id) if erased.isdisjoint(page.posts)]
    if not pages:
        return []
    _record(context, case_id, LOOK, order, by, now, _listed([page.digest for page in pages]))
    return [_opened(evidence, page, key) for page in pages]


def _opened(evidence: PageEvidence, page: SealedPage, key: EvidenceKey) -> Capture:
    try:
        return evidence.folder.open(page, key)
    except Sealed as error:
        raise Refused(f"网页 {page.digest[:LEAST]} 无法打开：{error}") from error
    except FileNotFoundError as error:
        raise Refused(f"网页 {page.digest[:LEAST]} 刚被清除") from error


def _listed(digests: Collection[str]) -> dict[str, object]:
    """Says for the record how many pages, and which, by one digest over the sorted digests of all."""
    told: dict[str, object] = {"pages": len(digests)}
    return told | ({"page_list": sha256("\n".join(sorted(digests)).encode()).hexdigest()} if digests else {})


def _read(session: Session, case_id: int) -> tuple[Case, tuple[str, ...]]:
    """Reads a case and the posts that its letters quote."""
    row = session.get(CaseRow, case_id)
    if row is None:
        raise Refused(f"没有事件 {case_id}")
    if is_incident(row.topic):
        raise Refused(f"事件 {case_id} 是系统故障，没有帖文可以存证")
    return read_case(row), from_json(row.found).posts


def _named(pages: Sequence[SealedPage], case_id: int, digest: str) -> SealedPage:
    if len(digest) < LEAST:
        raise Refused(f"请至少写出网页摘要的前 {LEAST} 位")
    found = [page for page in pages if page.digest.startswith(digest.strip().lower())]
    if len({page.digest for page in found}) != 1:
        raise Refused(
            f"事件 {case_id} 没有摘要为 {digest} 的网页" if not found else "有几份网页的摘要以此开头，请多写几位"
        )
    return found[0]


def _record(
    context: CaseContext, case_id: int, kind: str, order: Order, by: Doer, now: datetime, detail: dict[str, object]
) -> None:
    """Writes into the case's record who does it, and why, if it is theirs to do."""
    if not order.note.strip():
        raise Refused("请写明事由")
    with transaction(context.engine) as session:
        (case,) = hold(session, case_id)
        require(by.person, _desks(context, case), roster(context, now), EVIDENCE_NAMES[kind])
        told = {"stage": case.stage} | by.detail | detail
        record(session, case_id, kind, at=now, by=by.name, note=order.note, detail=told)


def _desks(context: CaseContext, case: Case) -> frozenset[str]:
    """Finds whose it is: the desks that any step of the case may be for."""
    ladder, owner = context.config.ladder, context.owner(case.topic)
    called = (seated(desk, owner) for step in WORKFLOW.steps for desk in rungs(ladder, step))
    return frozenset((owner, *called, *leaders(ladder)))
