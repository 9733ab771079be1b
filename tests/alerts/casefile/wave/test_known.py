import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from alerts.casefile.casework import note_rise, open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow, EventRow
from alerts.casefile.telling.gathering import gathered
from alerts.casefile.wave.known import known_line, telling_texts, with_known_claim
from alerts.claims.tables import insert_claim, retire_claim
from alerts.notify.contents.notice import read_notice
from alerts.notify.tables import OutboxRow
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Kind, ScoredPost
from stream.state.database import reading, transaction
from tests.alerts.claims.conftest import claim_of

Write = Callable[..., ScoredPost]
MINUTE = timedelta(minutes=1)
CLAIM = "东岗变电站发生爆炸，三人死亡"


def keep(context: CaseContext, text: str = CLAIM, **changes: object) -> int:
    with transaction(context.engine) as session:
        return insert_claim(session, claim_of(0, text, **changes)).id


def wave(index: SqliteIndexWriter, write: Write, now: datetime, text: str) -> None:
    index.put([write(n, f"{text}{'。' * (n % 3)}", at=now - n * MINUTE) for n in range(1, 20)])


def at_work(found: CaseSnapshot, now: datetime) -> CaseSnapshot:
    return replace(found, signal=replace(found.signal, since=now - 25 * MINUTE))


def test_a_returning_claim_is_kept_with_the_case_and_recorded_as_it_opens(
    context: CaseContext, index: SqliteIndexWriter, write: Write, found: CaseSnapshot, now: datetime
) -> None:
    keep(context, "营业厅排队三小时，没人理睬")
    number = keep(context)
    wave(index, write, now, "听说东岗变电站爆炸了，三人死亡")
    with transaction(context.engine) as session:
        case = open_case(session, context, at_work(found, now), (), now)
    with reading(context.engine) as session:
        known = from_json(session.get_one(CaseRow, case.id).found).known_claim
        event = session.scalar(select(EventRow).where(EventRow.case_id == case.id, EventRow.kind == "opened"))
    assert known is not None
    assert (known.id, known.sure, known.statement) == (number, True, "经核实并无此事")
    assert event is not None
    assert json.loads(event.detail)["known_claim"] == {"id": number, "sure": True, "score": known.score}


def test_the_first_letter_of_a_returning_claim_brings_what_was_answered(
    context: CaseContext, index: SqliteIndexWriter, write: Write, found: CaseSnapshot, now: datetime
) -> None:
    keep(context)
    wave(index, write, now, "听说东岗变电站爆炸了，三人死亡")
    snapshot = at_work(found, now)
    with transaction(context.engine) as session:
        open_case(session, context, snapshot, gathered(context, snapshot, None, now), now)
    with reading(context.engine) as session:
        letters = [read_notice(row.notice or "") for row in session.scalars(select(OutboxRow))]
    assert [one.answered and one.answered.statement for one in letters] == ["经核实并无此事"] * len(letters)
    assert letters


def test_a_rise_looks_again_and_forgets_a_claim_that_was_retired(
    context: CaseContext, index: SqliteIndexWriter, write: Write, found: CaseSnapshot, now: datetime
) -> None:
    snapshot = at_work(found, now)
    with transaction(context.engine) as session:
        case = open_case(session, context, snapshot, (), now)
    number = keep(context)
    wave(index, write, now, "东岗变电站爆炸，三人死亡")

    def rise() -> int | None:
        nonlocal case
        with transaction(context.engine) as session:
            case = note_rise(session, context, case, snapshot, quoted=(), now=now)
        with reading(context.engine) as session:
            known = from_json(session.get_one(CaseRow, case.id).found).known_claim
            return known.id if known else None

    assert rise() == number
    with transaction(context.engine) as session:
        retire_claim(session, number, now)
    assert rise() is None


def test_a_wave_of_denials_or_of_another_place_is_no_returning_claim(
    context: CaseContext, index: SqliteIndexWriter, write: Write, found: CaseSnapshot, now: datetime
) -> None:
    keep(context)
    wave(index, write, now, "东岗变电站爆炸三人死亡是谣言")
    index.put([write(100 + n, "西坪变电站爆炸，三人死亡", at=now - n * MINUTE) for n in range(1, 9)])
    with transaction(context.engine) as session:
        assert with_known_claim(session, context.reader, at_work(found, now), now).known_claim is None


def test_a_claim_whose_time_is_over_only_suggests_and_the_line_says_so(
    context: CaseContext, index: SqliteIndexWriter, write: Write, found: CaseSnapshot, now: datetime
) -> None:
    number = keep(context, valid_until=date(2026, 9, 20))
    wave(index, write, now, "东岗变电站爆炸，三人死亡")
    with transaction(context.engine) as session:
        known = with_known_claim(session, context.reader, at_work(found, now), now).known_claim
    assert known is not None
    assert known_line(known) == f"与辟谣库第 {number} 条可能相符（谣言）：{CLAIM}"
    assert known_line(replace(known, sure=True)) == f"与辟谣库第 {number} 条相符（谣言）：{CLAIM}"


def test_while_the_index_is_away_the_case_opens_without(
    context: CaseContext, found: CaseSnapshot, now: datetime
) -> None:
    class Away:
        def histogram(self, *_: object) -> None:
            raise Retryable("away")

    keep(context)
    with transaction(context.engine) as session:
        assert with_known_claim(session, Away(), found, now) == found  # type: ignore[arg-type]


def test_what_most_say_and_what_came_first_is_held_against_the_library(write: Write) -> None:
    posts = [
        write(1, "先说的话"),
        write(2, "大家都说停电了", fingerprint="a" * 16),
        write(3, "大家都说停电了", fingerprint="a" * 16),
        write(4, "放心，没事了"),
        write(5, "没人管", title="变电站出事", kind=Kind.THREAD),
        write(6, "没人修", title="变电站出事"),
    ]  # fmt: skip
    texts = telling_texts([*posts, posts[0]])
    assert texts[0] == ("大家都说停电了", 2)
    assert ("变电站出事\n没人管", 1) in texts
    assert ("没人修", 1) in texts
    assert not [text for text, _ in texts if "放心" in text]
