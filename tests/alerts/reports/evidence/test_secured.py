"""A case secures what is left of its pages, and its record says who did so and who looked."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow, broken_link
from alerts.casefile.troubles.casework import open_incident
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.desk.telling import UNNAMED
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.reports.evidence.packet import make_packet, page_of
from alerts.reports.evidence.secured import LOOK, SECURE, PageEvidence, Secured, look_at_all, look_at_page, secure_pages
from alerts.reports.timeline import event_rows
from alerts.workflow.cases import Order, Refused
from stream.errors import Retryable
from stream.index.port import Reader
from stream.messages import ScoredPost
from stream.responses.capture import Capture
from stream.responses.evidence import EvidenceFolder
from stream.responses.store import ResponseStore
from stream.state.database import reading, transaction
from stream.state.tombstones import bury
from tests.alerts.reports.conftest import HOUR, MINUTE
from tests.stream.responses.captured import captured
from tests.stream.responses.test_files import files_of_at_most

ORDER = Order("张敏", "网帖可能被删，先存证")
LOOKING = Order("陈伟", "核对原帖")


@pytest.fixture
def evidence(tmp_path: Path) -> PageEvidence:
    key = tmp_path / "elsewhere.key"
    key.write_text("5a" * 32)
    store = ResponseStore(tmp_path / "responses", keep=timedelta(days=1), most=2**24, reserve=0)
    return PageEvidence(store, EvidenceFolder(tmp_path / "evidence"), key)


@pytest.fixture
def pages(evidence: PageEvidence, posts: Sequence[ScoredPost], now: datetime) -> list[Capture]:
    """Two pages of the case's posts, three posts each, and one of a post that is none of its."""
    made = [
        captured(*(post.id for post in posts[at : at + 3]), at=now - 30 * MINUTE, body=f"第{at}页 李四".encode())
        for at in (0, 3)
    ]  # fmt: skip
    for one in (*made, captured("f" * 32, at=now, body=b"another thing")):
        evidence.responses.write(one)
    return sorted(made, key=lambda one: one.name)


def history(context: CaseContext, case_id: int) -> list[EventRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)))


def test_the_pages_of_the_cases_posts_are_sealed_and_stay_when_their_day_is_over(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    done = secure_pages(context, evidence, case_id, ORDER, now + HOUR)
    assert done == Secured(new=2, pages=2, without=25)
    assert evidence.responses.expire(now + 25 * HOUR) == 3
    sealed = list(evidence.folder.pages(case_id))
    assert [evidence.folder.open(page, evidence.key()) for page in sealed] == pages


def test_the_record_says_who_secured_what_and_why_and_stays_whole(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    secure_pages(context, evidence, case_id, Order("张敏", "先存证", typed_by="李强"), now + HOUR)
    events = history(context, case_id)
    last, detail = events[-1], json.loads(events[-1].detail)
    assert (last.kind, last.by, last.note, last.at) == (SECURE, "张敏", "先存证", now + HOUR)
    listed = sha256("\n".join(sorted(one.digest for one in pages)).encode()).hexdigest()
    assert (detail["pages"], detail["page_list"], detail["typed_by"]) == (2, listed, "李强")
    assert broken_link(events) is None


def test_securing_again_adds_what_came_since_and_says_so_each_time(
    context: CaseContext,
    evidence: PageEvidence,
    pages: list[Capture],
    posts: list[ScoredPost],
    case_id: int,
    now: datetime,
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    evidence.responses.write(captured(posts[10].id, at=now + MINUTE))
    assert secure_pages(context, evidence, case_id, ORDER, now + HOUR) == Secured(new=1, pages=3, without=24)
    assert secure_pages(context, evidence, case_id, ORDER, now + 2 * HOUR) == Secured(new=0, pages=3, without=24)
    told = [json.loads(event.detail) for event in history(context, case_id) if event.kind == SECURE]
    assert [(one["pages"], "page_list" in one) for one in told] == [(2, True), (1, True), (0, False)]


def test_who_looks_at_a_page_is_on_record_before_it_is_open(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    assert look_at_page(context, evidence, case_id, pages[0].digest[:8].upper(), LOOKING, now + HOUR) == pages[0]
    last = history(context, case_id)[-1]
    assert (last.kind, last.by, last.note) == (LOOK, "陈伟", "核对原帖")
    assert json.loads(last.detail)["page"] == pages[0].digest
    (sealed, *_) = evidence.folder.pages(case_id)
    sealed.path.write_bytes(sealed.path.read_bytes()[:-1])
    with pytest.raises(Refused, match="无法打开"):
        look_at_page(context, evidence, case_id, sealed.digest, LOOKING, now + HOUR)
    assert len([event for event in history(context, case_id) if event.kind == LOOK]) == 2


def test_a_packet_has_the_secured_pages_and_the_record_says_for_whom(
    context: CaseContext, register: Register, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    assert look_at_all(context, evidence, case_id, LOOKING, now) == []
    secure_pages(context, evidence, case_id, ORDER, now)
    opened = look_at_all(context, evidence, case_id, LOOKING, now + HOUR)
    assert opened == pages
    last = history(context, case_id)[-1]
    assert (last.kind, last.by, json.loads(last.detail)["pages"]) == (LOOK, "陈伟", 2)
    packet = make_packet(register, context.reader, case_id, [page_of(one) for one in opened], now + HOUR)
    with zipfile.ZipFile(io.BytesIO(packet.content)) as made:
        for one in pages:
            about = json.loads(made.read(f"raw/{one.name}.json"))
            assert made.read(f"raw/{one.name}.body") == one.body
            assert (about["sha256"], about["status"], about["url"]) == (one.digest, 200, one.url)
            assert about["headers"] == dict(one.headers)


def test_a_packet_lacks_the_pages_of_erased_posts_and_is_not_made_without_one_that_does_not_open(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    bury(context.engine, [pages[0].posts[0]], now, reason="request")
    assert look_at_all(context, evidence, case_id, LOOKING, now) == pages[1:]
    sealed = list(evidence.folder.pages(case_id))[1]
    sealed.path.write_bytes(sealed.path.read_bytes()[:-1])
    with pytest.raises(Refused, match=f"网页 {sealed.digest[:8]} 无法打开：it was changed"):
        look_at_all(context, evidence, case_id, LOOKING, now)


def test_both_are_read_in_words_where_a_case_is_shown(
    context: CaseContext, register: Register, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    look_at_page(context, evidence, case_id, pages[0].digest, LOOKING, now + HOUR)
    rows = event_rows(read_details(register, case_id).history, UNNAMED).rows
    told = [row[2] for row in rows[-2:]]
    assert told[0].startswith("网页存证：网帖可能被删，先存证")
    assert "网页份数：2" in told[0]
    assert "网页清单摘要：" in told[0]
    assert told[1].startswith("查看存证网页：核对原帖")
    assert f"网页摘要：{pages[0].digest}" in told[1]
    assert all(row[1].endswith("（自报）") for row in rows[-2:])


def test_an_act_beside_the_steps_does_not_change_whose_step_it_is(
    context: CaseContext, register: Register, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    before = read_details(register, case_id)
    secure_pages(context, evidence, case_id, ORDER, now + MINUTE)
    after = read_details(register, case_id)
    assert (after.case, after.tasks, after.actions) == (before.case, before.tasks, before.actions)


def test_pages_of_an_erased_post_are_neither_secured_nor_shown(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    bury(context.engine, [pages[0].posts[0]], now, reason="request")  # and whoever erased was cut off
    with pytest.raises(Refused, match="已按要求清除"):
        look_at_page(context, evidence, case_id, pages[0].digest, LOOKING, now)
    assert [page.digest for page in evidence.folder.pages(case_id)] == [pages[1].digest]
    assert secure_pages(context, evidence, case_id, ORDER, now).new == 0
    assert [event for event in history(context, case_id) if event.kind == LOOK] == []


def _stranger(order: Order) -> Order:
    return replace(order, by="路人")


def _elsewhere(order: Order) -> Order:
    return replace(order, by="赵磊")


def _no_reason(order: Order) -> Order:
    return replace(order, note=" ")


@pytest.mark.parametrize(
    ("change", "words"),
    [(_stranger, "没有「路人」"), (_elsewhere, "不在可办理「网页存证」的岗位"), (_no_reason, "请写明事由")],
)
def test_who_may_not_or_says_no_reason_secures_nothing(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime,
    change: Callable[[Order], Order], words: str,
) -> None:  # fmt: skip
    before = len(history(context, case_id))
    with pytest.raises(Refused, match=words):
        secure_pages(context, evidence, case_id, change(ORDER), now)
    assert (list(evidence.folder.pages(case_id)), len(history(context, case_id))) == ([], before)


@pytest.mark.parametrize(
    ("digest", "words"),
    [("abc", "至少写出网页摘要的前 8 位"), ("0" * 64, "没有摘要为"), ("", "至少写出")],
)
def test_a_page_that_is_not_there_is_told(
    context: CaseContext,
    evidence: PageEvidence,
    pages: list[Capture],
    case_id: int,
    now: datetime,
    digest: str,
    words: str,
) -> None:
    secure_pages(context, evidence, case_id, ORDER, now)
    with pytest.raises(Refused, match=words):
        look_at_page(context, evidence, case_id, digest, LOOKING, now)


def test_without_a_key_nothing_is_secured_and_the_sentence_says_what_is_lacking(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime, tmp_path: Path
) -> None:
    for key, words in ((None, "没有写 evidence_key_file"), (tmp_path / "none", "存证密钥不可用：cannot read the key")):
        with pytest.raises(Refused, match=words):
            secure_pages(context, replace(evidence, key_file=key), case_id, ORDER, now)
        with pytest.raises(Refused, match=words):
            look_at_page(context, replace(evidence, key_file=key), case_id, "0" * 64, LOOKING, now)
    assert not (tmp_path / "evidence").exists()


def test_a_disk_that_fills_leaves_whole_pages_alone_and_the_next_time_adds_the_rest(
    context: CaseContext, evidence: PageEvidence, pages: list[Capture], case_id: int, now: datetime
) -> None:
    original = PageEvidence(evidence.responses, _FullAfterOne(evidence.folder.folder), evidence.key_file)
    with pytest.raises(OSError, match="File too large"):
        secure_pages(context, original, case_id, ORDER, now)
    assert len(list(evidence.folder.pages(case_id))) == 1
    assert secure_pages(context, evidence, case_id, ORDER, now) == Secured(new=1, pages=2, without=25)


class _FullAfterOne(EvidenceFolder):
    """A folder on a disk that has room for one more page."""

    def seal(self, case_id: int, one: Capture, key: object) -> bool:
        if any(self.pages(case_id)):
            with files_of_at_most(100):
                return super().seal(case_id, one, key)  # type: ignore[arg-type]
        return super().seal(case_id, one, key)  # type: ignore[arg-type]


def test_an_index_that_is_away_is_waited_for_and_incidents_have_no_pages(
    context: CaseContext, evidence: PageEvidence, away: Reader, case_id: int, now: datetime
) -> None:
    with pytest.raises(Retryable):
        secure_pages(replace(context, reader=away), evidence, case_id, ORDER, now)  # type: ignore[arg-type]
    trouble = Trouble(kind=Kind.BLOCKED, thing="bbs", since=now, what="拒绝访问", todo="请核对", grade=Grade.BLUE)
    with transaction(context.engine) as session:
        incident = open_incident(session, context, trouble, now).id
    with pytest.raises(Refused, match="是系统故障"):
        secure_pages(context, evidence, incident, ORDER, now)
    with pytest.raises(Refused, match="没有事件 77"):
        secure_pages(context, evidence, 77, ORDER, now)
