"""What tests of the outbox share: scripted channels, a routing over them, a case with a task, and a notice of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import EventRow, insert_case, insert_task, record
from alerts.detection.grades import Grade
from alerts.notify.channel import Channel, Medium
from alerts.notify.channels.folder import FolderConfig
from alerts.notify.contents.notice import Colour, Command, Demand, Figures, Notice, Occasion, SourceLine
from alerts.notify.contents.quotes import Quote
from alerts.notify.contents.situation import Answer, Bar, Deed, FirstPost, Happening, Reached, Said, Situation
from alerts.notify.delivery import deliver
from alerts.notify.outbox import Attempt, CaseRef, queue
from alerts.notify.render.mail import Letterhead
from alerts.notify.routing import Routing
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from stream.state.database import reading, transaction

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
ZHANG = Person(name="张敏", email="zhang.min@example.com")


@dataclass
class Door:
    """A channel whose answers are scripted: True takes the notice, an exception is raised; the last one stays."""

    script: list[bool | Exception]
    name: str = "door"
    longest: timedelta = MINUTE
    taken: list[tuple[str, bytes, str]] = field(default_factory=list)

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        self.taken.append((recipient, content, message_id))
        return "250 taken"


def routing(
    *names: str, people: Mapping[str, Person] | None = None, media: Mapping[str, Medium] | None = None
) -> Routing:
    """Over channels of these names, of mail unless `media` says otherwise."""
    kinds = {name: (media or {}).get(name, Medium.MAIL) for name in names or ("door",)}
    channels = {name: FolderConfig(path=Path("unused"), medium=medium) for name, medium in kinds.items()}
    return Routing(
        channels,
        {"zhang": ZHANG} if people is None else people,
        Letterhead("wenfeng@example.com", "example.com"),
        QUARTER,
    )


def notice(name: str = "1.opened-acknowledge.ab.0@example.com", **changes: Any) -> Notice:
    """A whole notice; `changes` are fields of it."""
    plain: dict[str, Any] = {
        "id": name, "thread": "1.root@example.com", "occasion": Occasion.OPENED, "at": NOW,
        "organisation": "临江供电公司宣传部", "case": 1, "topic": "停电抢修", "colour": Colour.YELLOW, "grade": "较大",
        "stage": "初筛研判", "headline": "监测发现负面信息异常增多，请及时研判处置", "truth": "待核实。",
        "figures": Figures(
            since=NOW, at=NOW, total=45, negative=37, expected=4.1, effective=25.0, authors=28, texts=21, share=0.82,
            usual_share=0.2,
        ),
        "danger": "3 条称有险情，待核实", "reasons": ("近 1 小时负面信息 37 条，约为往常的 6 倍",),
        "grading": ("未达到更高等级",),
        "quotes": (Quote("停电三天没人管", "bbs", "hxxps://bbs[.]example[.]com/p/1", NOW),),
        "sources": (SourceLine("bbs", NOW, False), SourceLine("tieba", None, True)),
        "demand": Demand(
            person="张敏", desk="宣传部舆情值班", step="签收", key="acknowledge",
            due_at=NOW + 60 * MINUTE, next_desk="宣传部负责人",
            commands=(Command("签收", "python -m alerts case act 1 acknowledge --by zhang"),),
        ),
        "dashboard": "https://kibana.example.com/app/dashboards#/view/x",
        "numbers": ("偏离 10.3，预警线 6.0", "去重折算 25 条，预期 4.1 条"),
    }  # fmt: skip
    return Notice(**(plain | changes))


def situation(**changes: Any) -> Situation:
    """How the wave of the notice stands at its hour; `changes` are fields of it."""
    plain: dict[str, Any] = {
        "at": NOW, "negative": 33, "total": 40, "authors": 28, "expected": 0.4, "before": 15,
        "before_at": NOW - 20 * MINUTE, "peak": 79, "peak_at": NOW - 5 * MINUTE,
        "first": FirstPost(
            at=NOW - 60 * MINUTE, source="临江论坛", board="市民茶座", title="停电了？",
            url="https://bbs.example.com/t/1",
        ),
        "spread": (Reached(source="临江论坛", first_at=NOW - 60 * MINUTE, posts=30, negative=26),),
        "said": (Said(text="全城停电三天", posts=24, authors=20, first_at=NOW - 60 * MINUTE),),
        "bars": tuple(Bar(start=NOW + (at - 6) * 10 * MINUTE, total=at + 3, negative=at) for at in range(6)),
        "happened": (Happening(NOW - 20 * MINUTE, True), Happening(NOW - 10 * MINUTE, False)),
        "outlook": "预计今后 3 小时负面信息 40～90 条", "edited": 2, "removed": 1,
    }  # fmt: skip
    return Situation(**(plain | changes))


def full(**changes: Any) -> Notice:
    """A notice with everything that one can have."""
    plain: dict[str, Any] = {
        "situation": situation(), "claim": "全城停电三天", "known": ("暂无经核实的情况",),
        "unknown": ("所述情况是否属实",), "deeds": (Deed(NOW - 10 * MINUTE, "李强", "签收", "已知悉"),),
        "statement": "抢修预计今晚完成。", "express": ("关于停电的情况报告（较大）",), "informed": ("王芳",),
        "informed_before": ("李强",),
        "answered": Answer(claim="全城停电", verdict="谣言", statement="仅东区检修。", sure=False),
    }  # fmt: skip
    return notice(**(plain | changes))


def open_task(engine: Engine, topic: str = "outage") -> CaseRef:
    """A case of the topic with its first event and a task, which a notice may be about."""
    with transaction(engine) as session:
        case = Case(
            id=0, topic=topic, stage="screening", grade=Grade.YELLOW, opened_at=NOW, since=NOW, notified=25.0,
            peak=25.0, last_spike_at=NOW,
        )  # fmt: skip
        case_id = insert_case(session, case, "{}").id
        record(session, case_id, "opened", at=NOW, by="watch")
        task = Task(
            case_id=case_id, step="acknowledge", turn=0, level=0, desk="publicity", began_at=NOW,
            due_at=NOW + 60 * MINUTE, warn_at=NOW + 50 * MINUTE,
        )  # fmt: skip
        return CaseRef(case_id, insert_task(session, task).id, "opened-acknowledge", 0)


def put(engine: Engine, ways: Routing, ref: CaseRef, one: Notice | None = None, person: str = "zhang") -> list[Attempt]:
    """Queues a notice in a transaction of its own; what failed at once is noted, as casework does."""
    with transaction(engine) as session:
        failed = queue(session, ways, one or notice(), person, ref)
        for attempt in failed:
            note_attempt(session, attempt)
        return failed


def send(engine: Engine, ways: Routing, at: datetime, *channels: Channel) -> list[Attempt]:
    """A round of the sender with casework's record behind it."""
    return deliver(engine, channels, ways, at, note_attempt)


def rows(engine: Engine) -> list[OutboxRow]:
    """Everything in the outbox, by notice and place."""
    with reading(engine) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.message_id, OutboxRow.place)))


def states(engine: Engine) -> dict[str | None, str]:
    """The state of the one notice by channel."""
    return {row.channel: row.state for row in rows(engine)}


def kinds(engine: Engine) -> list[str]:
    """What the history of the one case tells."""
    with reading(engine) as session:
        return list(session.scalars(select(EventRow.kind).order_by(EventRow.number)))
