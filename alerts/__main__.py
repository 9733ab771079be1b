"""Commands of the alerts: watch topics, look after cases and letters. The only place here that names adapters."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from threading import Event
from typing import Concatenate, ParamSpec

import click
from sqlalchemy import Engine, select
from structlog import get_logger

from alerts.casefile.casework import ActRequest, act, running
from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.relay import relay
from alerts.casefile.snapshot import from_json
from alerts.casefile.tables import (
    EVENT_NAMES,
    CaseRow,
    EventKind,
    EventRow,
    TaskRow,
    broken_link,
    read_case,
    read_task,
)
from alerts.casefile.wording import grading_lines, in_words, unverified
from alerts.config import AlertsConfig, unknown_owners
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.kinds import open_channels
from alerts.notify.outbox import retry
from alerts.notify.phrases import local, usual
from alerts.notify.tables import PENDING, OutboxRow, RowState
from alerts.screening import listed, waiting
from alerts.watch import Watcher
from alerts.workflow.cases import ACTION_NAMES, STAGE_NAMES, Action, Refused, Verdict, allowed
from alerts.workflow.ladder import STEP_NAMES, Step, overdue
from stream.__main__ import apply_topics, open_index_reader, open_producer, open_state_engine
from stream.cli.options import configs_option, told
from stream.config import Configuration, StreamConfig
from stream.errors import Retryable
from stream.log.broker import Producer
from stream.log.worker import stop_on_signals
from stream.messages import Label
from stream.process.alive import Alive
from stream.process.clock import SystemClock
from stream.process.holders import holder
from stream.process.logs import configure
from stream.state.database import disposing, reading
from stream.state.labels import Origin, Review, keep, latest
from stream.topics import TopicsConfig

P = ParamSpec("P")
log = get_logger()
CLOCK = SystemClock()
DELIVER_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Settings:
    """What the three files say."""

    stream: StreamConfig
    alerts: AlertsConfig
    topics: TopicsConfig


def read_settings(configs: Path) -> Settings:
    """The checked configuration; `ConfigError` with every mistake."""
    configuration = Configuration(configs)
    stream = configuration.add("stream.yml", StreamConfig)
    alerts = configuration.add("alerts.yml", AlertsConfig)
    topics = configuration.add("topics.yml", TopicsConfig)
    configuration.check()
    for key, owner in unknown_owners(alerts(), topics()):
        configuration.refuse(str(configs / "topics.yml"), f"topics.{key}.owner", f"alerts.yml has no desk {owner!r}")
    return Settings(stream(), alerts(), topics())


def with_settings(command: Callable[Concatenate[Settings, P], None]) -> Callable[..., None]:
    """Gives a command the checked configuration as its first argument, and people its mistakes in words."""

    @configs_option
    @wraps(command)
    def run(configs: Path, *args: P.args, **kwargs: P.kwargs) -> None:
        with told():
            configure("alerts")
            command(read_settings(configs), *args, **kwargs)

    return run


@click.group()
def cli() -> None:
    """Notice when people must look, tell them, and keep the record of what they did."""


@cli.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read alerts.yml, and topics.yml against it, and list every mistake."""
    with told():
        read_settings(configs)
    click.echo(f"{configs}/alerts.yml: no mistakes")


@cli.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
@with_settings
def watch(settings: Settings, once: bool) -> None:
    """Look at every topic each minute, open cases, call the next person, send letters; stops on SIGTERM."""
    reader, state = open_index_reader(settings.stream), open_state_engine(settings.stream)
    with stop_on_signals() as stop, closing(reader), disposing(state), closing(Teller(settings, state)) as tell:
        context = CaseContext(state, reader, settings.alerts, settings.topics, settings.stream.index_name)
        watcher = Watcher(context, open_channels(settings.alerts.in_use, settings.alerts.routing.letterhead), holder())
        looked = Alive(settings.stream.var, "alerts")
        _watch(watcher, tell, None if once else settings.alerts.look_every, stop, looked)


def _watch(
    watcher: Watcher, tell: Callable[[datetime], object], every: timedelta | None, stop: Event, looked: Alive
) -> None:
    """Rounds until `stop`; without `every`, one round of each part. `looked` is told of each look that took place."""

    def look(now: datetime) -> None:
        watcher.look(now)
        looked()

    looking, sending, telling = (look, watcher.escalate), (watcher.deliver,), (tell,)
    if every is None:
        for part in (*looking, *sending, *telling):
            _patiently(part)
        return
    with ThreadPoolExecutor(3) as pool:  # a mail server or a log that hangs must not stop the looking
        loops = [
            pool.submit(_loop, looking, every, stop),
            pool.submit(_loop, sending, DELIVER_EVERY, stop),
            pool.submit(_loop, telling, DELIVER_EVERY, stop),
        ]
        for loop in loops:
            loop.result()


class Teller:
    """Relays the cases' history. Opens the log itself: people are to be alarmed whether there is a log or not."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._stream = settings.stream
        self._ladder = settings.alerts.ladder
        self._engine = engine
        self._producer: Producer | None = None

    def __call__(self, _now: datetime) -> None:
        if self._producer is None:
            apply_topics(self._stream)
            self._producer = open_producer(self._stream, CLOCK)
        relay(self._engine, self._producer, self._ladder)

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close()


@cli.group()
def case() -> None:
    """Cases: what is open, what happened, what to do."""


@case.command("list")
@click.option("--all", "also_ended", is_flag=True, help="Also cases that ended.")
@with_settings
def list_cases(settings: Settings, also_ended: bool) -> None:
    """List open cases, the newest first."""
    with disposing(open_state_engine(settings.stream)) as engine, reading(engine) as session:
        for row in session.scalars(select(CaseRow).order_by(CaseRow.id.desc())):
            one = read_case(row)
            if one.is_open or also_ended:
                due = min((task.due_at for task in running(session, one.id)), default=None)
                name = settings.topics.topics[one.topic].name if one.topic in settings.topics.topics else one.topic
                click.echo(
                    f"{one.id}\t{GRADE_NAMES[one.grade]}\t{name}\t{STAGE_NAMES[one.stage]}\t自 {local(one.since)}\t"
                    f"{'时限 ' + local(due) if due else '无待办'}\t{'待核实' if one.verdict is None else one.verdict}"
                )


@case.command("show")
@click.argument("case_id", type=int)
@with_settings
def show_case(settings: Settings, case_id: int) -> None:
    """Show a case: the numbers, why this grade, who must do what by when, and everything that happened."""
    with disposing(open_state_engine(settings.stream)) as engine, reading(engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise click.ClickException(f"没有事件 {case_id}")
        one, snapshot = read_case(row), from_json(row.found)
        events = list(session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)))
        tasks = running(session, case_id)
    seen = snapshot.signal
    name = settings.topics.topics[one.topic].name if one.topic in settings.topics.topics else one.topic
    click.echo(
        f"事件 {one.id}　话题「{name}」　{GRADE_NAMES[one.grade]}　{STAGE_NAMES[one.stage]}　{one.verdict or '待核实'}"
    )
    click.echo(f"负面 {seen.negative}（常态 {usual(seen.expected)}），{seen.voices} 个发言者，截至 {local(seen.at)}")
    danger = unverified(cue_names(settings.topics, snapshot.cues))
    for line in [*filter(None, [danger]), *map(in_words, seen.findings), *grading_lines(snapshot.grading)]:
        click.echo(f"  - {line}")
    click.echo("待办：")
    for task in tasks:
        desk = settings.alerts.desks[task.desk].name if task.desk in settings.alerts.desks else task.desk
        click.echo(f"  {STEP_NAMES[Step(task.step)]}：{desk}，时限 {local(task.due_at)}")
    click.echo("可办：" + "、".join(f"{ACTION_NAMES[action]} {action}" for action in allowed(one)))
    click.echo("经过：")
    for event in events:
        click.echo(f"  {local(event.at)}　{_event_name(event.kind)}　{event.by}　{event.note}　{event.detail}")
    broken = broken_link(events)
    click.echo("记录完整，未被改动" if broken is None else f"警告：第 {broken} 条记录被改动过")


@case.command("act")
@click.argument("case_id", type=int)
@click.argument("action", type=click.Choice([str(action) for action in Action]))
@click.option("--by", required=True, help="Who acts: a key, name or address of people in alerts.yml.")
@click.option("--note", default="", help="Why, or what was done; needed for all but acknowledge.")
@click.option("--verdict", type=click.Choice([str(verdict) for verdict in Verdict]), help="What verify found.")
@with_settings
def act_on_case(settings: Settings, case_id: int, action: str, by: str, note: str, verdict: str | None) -> None:
    """Do the next thing to a case: acknowledge, judge, report, verify, respond and so on."""
    request = ActRequest(Action(action), by, note, Verdict(verdict) if verdict else None)
    state = open_state_engine(settings.stream)
    with closing(open_index_reader(settings.stream)) as reader, disposing(state):
        context = CaseContext(state, reader, settings.alerts, settings.topics, settings.stream.index_name)
        try:
            after = act(context, case_id, request, CLOCK.now())
        except Refused as error:
            raise click.ClickException(error.detail) from error
    click.echo(f"事件 {case_id}：{ACTION_NAMES[request.action]}，现处于「{STAGE_NAMES[after.stage]}」")


@cli.group()
def screening() -> None:
    """Posts for people's eyes: uncertain ones, and unverified claims of danger."""


@screening.command("list")
@click.option("--hours", default=24, show_default=True, help="How far back.")
@click.option("--limit", default=50, show_default=True, help="How many posts, claims of danger first.")
@with_settings
def list_screening(settings: Settings, hours: int, limit: int) -> None:
    """List posts that nobody has labelled yet: claims of danger (待核实) first, then uncertain ones."""
    now, cues = CLOCK.now(), settings.topics.cues
    with closing(open_index_reader(settings.stream)) as reader, disposing(open_state_engine(settings.stream)) as engine:
        reviewed = {one.post_id for one in latest(engine) if one.post_id}
        posts = waiting(reader, list(cues), reviewed, since=now - timedelta(hours=hours), limit=limit)
    for post in posts:
        click.echo(listed(post, (cues[key].name for key in post.cues if key in cues), now))


@screening.command("label")
@click.argument("post_id")
@click.argument("label", type=click.Choice(["negative", "neutral", "positive"]))
@click.option("--by", required=True, help="Who judges: a key, name or address of people in alerts.yml.")
@click.option("--case", "case_id", type=int, help="The case during which the post was looked at.")
@with_settings
def label_post(settings: Settings, post_id: str, label: str, by: str, case_id: int | None) -> None:
    """Say what a post is. Kept for measuring the model (python -m nlp feedback); changes neither post nor case."""
    with closing(open_index_reader(settings.stream)) as reader, disposing(open_state_engine(settings.stream)) as engine:
        try:
            person = CaseContext(engine, reader, settings.alerts, settings.topics).person(by)
        except Refused as error:
            raise click.ClickException(error.detail) from error
        posts = reader.get([post_id])
        if not posts:
            raise click.ClickException(f"没有帖子 {post_id}")
        if case_id is not None and not case_exists(engine, case_id):
            raise click.ClickException(f"没有事件 {case_id}")
        review = Review(
            label=Label(label), by=person.name, at=CLOCK.now(), origin=Origin.SCREENING, post_id=post_id,
            content_hash=posts[0].content_hash, case_id=case_id,
        )  # fmt: skip
        keep(engine, [review])
    click.echo(f"已记录：{post_id} {label}（{person.name}）")


@cli.group()
def outbox() -> None:
    """Letters: what was sent, what waits, what was refused."""


@outbox.command("list")
@click.option("--all", "also_sent", is_flag=True, help="Also letters that were sent or taken back.")
@with_settings
def list_letters(settings: Settings, also_sent: bool) -> None:
    """List letters that wait or were refused, with the server's last words."""
    query = select(OutboxRow).order_by(OutboxRow.id)
    with disposing(open_state_engine(settings.stream)) as engine, reading(engine) as session:
        for row in session.scalars(
            query if also_sent else query.where(OutboxRow.state.not_in((RowState.SENT, RowState.WITHDRAWN)))
        ):
            told = (row.id, row.state, row.step, row.recipient, row.attempts, local(row.next_at), row.answer or "")
            click.echo("\t".join(map(str, told)))


@outbox.command("retry")
@click.argument("letter_id", type=int)
@with_settings
def retry_letter(settings: Settings, letter_id: int) -> None:
    """Send a waiting or refused letter in the next round."""
    with disposing(open_state_engine(settings.stream)) as engine:
        known = retry(engine, CLOCK.now(), letter_id)
    if not known:
        raise click.ClickException(f"no waiting or refused letter {letter_id}")


@cli.command()
@with_settings
def check(settings: Settings) -> None:
    """Audit: tasks nobody was called for, letters refused or stuck, histories changed. Exits 1 if there is any."""
    with disposing(open_state_engine(settings.stream)) as engine:
        found = audit(engine)
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)


def case_exists(engine: Engine, case_id: int) -> bool:
    """Whether there is such a case."""
    with reading(engine) as session:
        return session.get(CaseRow, case_id) is not None


def audit(engine: Engine) -> list[str]:
    """What must not be: each line one thing a person should see to."""
    now = CLOCK.now()
    with reading(engine) as session:
        tasks = overdue(
            [read_task(row) for row in session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None)))], now
        )
        lines = [
            f"case {task.case_id}: {task.step} was due {local(task.due_at)} and nobody was called" for task in tasks
        ]
        for row in session.scalars(select(OutboxRow).where(OutboxRow.state.in_((*PENDING, RowState.FAILED)))):
            if row.state == "failed" or now - row.queued_at > timedelta(minutes=15):
                lines.append(
                    f"letter {row.id} of case {row.case_id} to {row.recipient}: {row.state}, {row.answer or ''}"
                )
        for case_id in session.scalars(select(CaseRow.id)):
            events = list(
                session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number))
            )
            if (broken := broken_link(events)) is not None:
                lines.append(f"case {case_id}: event {broken} was changed after it was written")
    return lines


def _event_name(kind: str) -> str:
    return EVENT_NAMES[EventKind(kind)] if kind in set(EventKind) else ACTION_NAMES[Action(kind)]


def _loop(parts: Sequence[Callable[[datetime], object]], every: timedelta, stop: Event) -> None:
    """Rounds until `stop`; what crashes one loop stops the other too, so that the process ends and is started again."""
    try:
        while not stop.is_set():
            for part in parts:
                _patiently(part)
            stop.wait(every.total_seconds())
    finally:
        stop.set()


def _patiently(part: Callable[[datetime], object]) -> None:
    """One part of a round; an engine that is away is waited for, and the other parts go on."""
    try:
        part(CLOCK.now())
    except Retryable as error:
        log.warning("round_part_waits", part=getattr(part, "__name__", type(part).__name__), reason=error.reason)


if __name__ == "__main__":
    cli(prog_name="python -m alerts")
