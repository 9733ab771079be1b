"""Every letter written once over a made-up case, before anybody needs one: what fails is told with its key.

What configuration accepts and what a letter can be made of are two things; here they meet at `check-config`, and not
first at a wave. Nothing is sent, and neither database nor index is asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any, cast

from alerts.casefile.context import CaseContext
from alerts.casefile.notices import Telling, compose
from alerts.casefile.snapshot import CaseSnapshot
from alerts.config import AlertsConfig
from alerts.detection.firing import Fired
from alerts.detection.grades import Grade, Measure, grade
from alerts.detection.signals import Coverage, Finding, Reason, Signal, State
from alerts.detection.triggers import When
from alerts.notify.channel import Medium
from alerts.notify.contents.notice import Notice, Occasion, read_notice, write_notice
from alerts.notify.contents.quotes import Quote
from alerts.notify.render.brief import BRIEF
from alerts.notify.render.forms import render
from alerts.notify.routing import Route
from alerts.people.directory import Person
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task, begin, rungs, seated
from alerts.workflow.rules import WORKFLOW
from stream.topics import TopicsConfig, place_of

AT = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)  # any moment
ALERTS, TOPICS = "alerts.yml", "topics.yml"
QUOTE = Quote("停电三天没人管", "bbs", "hxxps://bbs[.]example[.]com/p/1", AT)

Wrong = tuple[str, str, str]  # file, key, what is wrong


class Unwritten(Exception):
    """Raised where a letter came out, and not as the one that was meant."""


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """The configuration with what a letter needs beside it."""

    context: CaseContext

    def say(self, key: str, occasion: Occasion, task: Task, case: Case) -> str:
        """Makes the letter in every form that reaches the person; returns what is wrong with it, "" for nothing."""
        person = self.context.config.people[key]
        telling = Telling(case, self._snapshot(case), (QUOTE,), occasion, f"{occasion}-{task.step}")
        form = "its words"
        try:
            notice = read_notice(write_notice(compose(self.context, telling, task, person, AT)))
            for route in self.context.config.routing.routes(key):
                form = f"channel {route.channel}"
                self._refuse_unlike(notice, route, person)
        except Exception as error:  # whatever it is: that is what is looked for
            words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            return f"no letter of the kind {occasion} can be made ({form}): {words}"
        return ""

    def _refuse_unlike(self, notice: Notice, route: Route, person: Person) -> None:
        """Raises `Unwritten` where a mail program would not read what was meant, or only the brief form was made."""
        head = self.context.config.routing.letterhead
        written = render(notice, route.form, head, route.address)
        for content in (written.content, written.plain):
            words = content.decode("utf-8", "replace")
            if route.form.medium is Medium.MAIL:
                message = message_from_bytes(content, policy=default)
                read = {name: [one.addr_spec for one in message[name].addresses] for name in ("From", "To")}
                if read != {"From": [head.sender], "To": [route.address]}:
                    raise Unwritten(f"sender or address of {person.name} would be read as {read}")
                body = cast(Any, message.get_body(("plain",)))
                words = body.get_content() if body is not None else ""
            if BRIEF in words or not words.strip():
                raise Unwritten("the usual form fails, and the brief one would be sent")

    def _snapshot(self, case: Case) -> CaseSnapshot:
        config, watched = self.context.config, self.context.topics.watched
        sources = (watched[case.topic].sources if case.topic in watched else ()) or ("bbs",)
        signal = Signal(
            topic=case.topic, state=State.SPIKE, at=AT, window_start=AT - timedelta(hours=1), since=AT, total=45,
            negative=37, authors=28, texts=21, unscored=0, effective=25.0, expected=4.1, share=0.82, usual_share=0.2,
            bar=9.0, window_end=AT, silent=tuple(sources)[:1],
            findings=tuple(Finding(reason, 9.0, 5.0) for reason in Reason if reason is not Reason.FALL),
        )  # fmt: skip
        fired = tuple(
            Fired(
                when=When(row.when), key=row.key, topic=case.topic, things=("bbs",), grade=row.grade, source=row.source,
                measured=1, at_least=1, posts=(), words=row.key, latest=AT,
            )
            for row in config.triggers
        )  # fmt: skip
        return CaseSnapshot(
            signal, grade(dict.fromkeys(Measure, 1.0), config.grades), (),
            tuple(Coverage(one, AT, None) for one in sources), cues=tuple((cue, 1) for cue in self.context.topics.cues),
            triggers=fired,
        )  # fmt: skip


def rehearse(config: AlertsConfig, topics: TopicsConfig) -> Iterator[Wrong]:
    """Yields what no letter can be made of: for each person and occasion, each step of the ladder, each topic."""
    nothing = cast(Any, None)
    stage = _Rehearsal(CaseContext(nothing, nothing, config, topics))
    first_topic = next(iter(topics.watched), "topic")
    case = _case(first_topic)
    sits = _seats(config)
    anybody = next(iter(config.people))
    task = _task(stage.context, case, WORKFLOW.steps[0])
    failed = False
    for key in config.people:
        asked = replace(task, desk=sits.get(key, task.desk))
        wrong = next(filter(None, (stage.say(key, occasion, asked, case) for occasion in Occasion)), "")
        if wrong:
            failed = True
            yield ALERTS, f"people.{key}", wrong
    if failed:  # the rest would say the same again
        return
    for step in WORKFLOW.steps:
        for level, desk in enumerate(rungs(config.ladder, step)):
            asked = replace(
                _task(stage.context, case, step), level=level, desk=seated(desk, stage.context.owner(case.topic))
            )
            if wrong := stage.say(anybody, Occasion.ESCALATED, asked, case):
                yield ALERTS, f"ladder.desks.{step}.{level}", wrong
    for topic in topics.watched:
        about = _case(topic)
        if wrong := stage.say(anybody, Occasion.OPENED, _task(stage.context, about, WORKFLOW.steps[0]), about):
            yield TOPICS, place_of(topic), wrong


def _seats(config: AlertsConfig) -> Mapping[str, str]:
    return {person: key for key, desk in config.desks.items() for person in desk.people}


def _case(topic: str) -> Case:
    return Case(
        id=1, topic=topic, stage=WORKFLOW.start, grade=Grade.RED, opened_at=AT, since=AT, notified=25.0, peak=25.0,
        last_spike_at=AT,
    )  # fmt: skip


def _task(context: CaseContext, case: Case, step: str) -> Task:
    return begin(case, step, context.config.ladder, owner=context.owner(case.topic), turn=0, now=AT)
