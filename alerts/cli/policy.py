"""`replay` of the index: what the configuration in force, and a proposed one, would have told in the last weeks."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Column, Table

from alerts.cli.settings import Settings, open_context, read_settings
from alerts.detection.grades import GRADE_NAMES
from alerts.detection.signals import Signal
from alerts.notify.contents.phrases import local, usual
from alerts.replay.outcome import Answered, Placed, TopicOutcome
from alerts.replay.policy import Alarm, Policy
from alerts.replay.trial import Trial, TrialSpan, Tried, span_of
from stream.cli.options import configs_option, explaining_errors
from stream.cli.tables import show
from stream.engines import refuse_absent
from stream.messages import wire_time
from stream.process.clock import SystemClock
from stream.process.logs import configure

Command = TypeVar("Command", bound=Callable[..., Any])

LEAST_BUDGET = 0.05  # alarms a week: as topics.yml and alerts.yml have it
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PRESENT, PROPOSED = "现行", "拟用"


def policy_options(command: Command) -> Command:
    """Gives a command the options of `tell_policy`."""
    for option in (
        click.option("--topic", "topics", multiple=True, metavar="KEY", help="Only this topic; may be repeated."),
        click.option("--days", type=click.IntRange(1, 366), default=28, show_default=True,
                     help="How much of the index is replayed; up to 56 days before teach."),
        click.option("--proposed", type=click.Path(exists=True, file_okay=False, path_type=Path),
                     help="Folder of the configuration to try beside the one in force."),
        configs_option,
    ):  # fmt: skip
        command = option(command)
    return command


def tell_policy(
    *, configs: Path, proposed: Path | None, budget: float | None, days: int, topics: tuple[str, ...], as_json: bool
) -> None:
    """Writes what each configuration would have told, what its cases were, and what speaks against it."""
    if budget is not None and budget < LEAST_BUDGET:
        words = f"{budget:g} is as good as never: take {LEAST_BUDGET:g} or more"
        raise click.BadParameter(words, param_hint="--budget")
    with explaining_errors():
        configure("alerts")
        settings = read_settings(configs)
        policies = {PRESENT: _policy(settings, configs)}
        if proposed is not None or budget is not None:
            tried = policies[PRESENT] if proposed is None else _policy(read_settings(proposed), proposed)
            policies[PROPOSED] = tried if budget is None else tried.with_budget(budget, "--budget")
        names = _names(policies.values(), topics)
        refuse_absent(settings.stream, "index")
        with open_context(settings) as context:
            span = span_of(SystemClock().now(), days)
            trial = Trial(context.engine, context.reader, settings.topics, span, _progress)
            found = {label: trial.run(policy, tuple(names), label) for label, policy in policies.items()}
            empty = trial.empty_days()
    warnings = [one for run in found.values() for one in run.doubts] + ([] if empty is None else [empty])
    if as_json:
        click.echo(json.dumps(as_values(found, names, span, warnings), ensure_ascii=False))
    else:
        show(policy_table(found, names, span))
        for line in case_lines(found, names):
            click.echo(line)
    for words in warnings:
        click.echo(f"warning: {words}", err=True)


def policy_table(found: Mapping[str, Tried], names: Mapping[str, str], span: TrialSpan) -> Table:
    """Makes the table for whoever decides: a line for each topic and configuration."""
    titles = ("每周预算", "帖数", "提醒", "复燃", "每天", "每周", *GRADE_NAMES.values(), "命中", "漏报", "无事件")
    numbers = [Column(title, justify="right", no_wrap=True) for title in titles]
    title = f"{local(span.since)} 至 {local(span.until)}（{span.days:g} 天）"
    table = Table("主题", "配置", *numbers, title=title)
    for key, name in names.items():
        for label, run in found.items():
            if one := run.outcomes.get(key):
                rekindled = sum(placed.rekindles for placed in one.alarms)
                counts = (one.posts, len(one.alarms), rekindled, f"{one.per_day:.2f}", f"{one.per_week:.1f}")
                held = (*one.grades.values(), one.caught, one.missed, len(one.unprecedented))
                table.add_row(name, label, f"{one.alerts_per_week:g}", *map(str, (*counts, *held)))
    return table


def case_lines(found: Mapping[str, Tried], names: Mapping[str, str]) -> Iterator[str]:
    """Yields a line for each past case and configuration, then one for each alarm that no case stands for."""
    for key, name in names.items():
        for label, run in found.items():
            if one := run.outcomes.get(key):
                yield from (f"{name} {label} {_case_line(answered)}" for answered in one.cases)
                yield from (f"{name} {label} {_alarm_line(alarm)}，没有对应的事件" for alarm in one.unprecedented)


def as_values(
    found: Mapping[str, Tried], names: Mapping[str, str], span: TrialSpan, warnings: Sequence[str]
) -> dict[str, Any]:
    """Writes the same for a program."""
    labels = {PRESENT: "present", PROPOSED: "proposed"}
    topics = [
        {"topic": key, "name": name}
        | {labels[label]: _outcome_values(run.outcomes[key]) for label, run in found.items() if key in run.outcomes}
        for key, name in names.items()
    ]
    return {
        "since": wire_time(span.since), "until": wire_time(span.until), "days": span.days,
        "topics": topics, "warnings": list(warnings),
    }  # fmt: skip


def _policy(settings: Settings, folder: Path) -> Policy:
    return Policy(settings.topics, settings.alerts.detector, settings.alerts.grades, str(folder))


def _names(policies: Iterable[Policy], asked: tuple[str, ...]) -> dict[str, str]:
    """Finds the names of the topics asked for, of all where none is."""
    known = {key: topic.name for one in policies for key, topic in one.topics.watched.items()}
    for key in asked:
        if key not in known:
            words = f"topics.yml has no topic {key!r}; it has {', '.join(known)}"
            raise click.BadParameter(words, param_hint="--topic")
    return {key: name for key, name in known.items() if not asked or key in asked}


def _progress(steps: Iterable[Any], label: str, length: int) -> AbstractContextManager[Iterable[Any]]:
    return click.progressbar(steps, length=length, label=label, file=sys.stderr)


def _case_line(one: Answered) -> str:
    words = f"事件 {one.case.id}（{local(one.case.opened_at)} 立案{'，后判误报' if one.case.false_alarm else ''}）："
    if one.alarm is None:
        return words + ("不会提醒" if one.case.by_counts else "由触发条件或人工上报立案，数量上不会提醒")
    lead = one.lead or timedelta(0)
    early = "提前" if lead >= timedelta(0) else "推迟"
    return words + f"{early} {abs(lead) / MINUTE:.0f} 分钟，{_alarm_line(one.alarm)}"


def _alarm_line(alarm: Alarm) -> str:
    signal = alarm.signal
    hours = ((signal.window_end or signal.at) - signal.window_start) / HOUR
    if signal.fell:
        return f"{local(alarm.at)} {hours:g} 小时内全部帖文 {signal.total} 条（{_usual(signal)}）"
    counted = f"负面 {signal.effective:.0f} 条（{_usual(signal)}，{signal.authors} 人）"
    return f"{local(alarm.at)} {hours:g} 小时内{counted}，{GRADE_NAMES[alarm.grade]}"


def _usual(signal: Signal) -> str:
    words = usual(signal.expected)
    return f"平时{' ' if words[0].isdigit() else ''}{words} 条"


def _outcome_values(one: TopicOutcome) -> dict[str, Any]:
    return {
        "alerts_per_week": one.alerts_per_week, "posts": one.posts,
        "per_day": round(one.per_day, 4), "per_week": round(one.per_week, 3),
        "grades": {str(grade): count for grade, count in one.grades.items()},
        "caught": one.caught, "missed": one.missed,
        "alarms": [_alarm_values(placed) for placed in one.alarms],
        "cases": [_case_values(answered) for answered in one.cases],
    }  # fmt: skip


def _alarm_values(placed: Placed) -> dict[str, Any]:
    signal = placed.alarm.signal
    return {
        "at": wire_time(placed.alarm.at), "rekindles": placed.rekindles, "case": placed.case_id,
        "grade": str(placed.alarm.grade), "reasons": sorted(map(str, signal.reasons)),
        "window_start": wire_time(signal.window_start), "window_end": wire_time(signal.window_end or signal.at),
        "total": signal.total, "negative": signal.negative, "effective": round(signal.effective, 2),
        "expected": round(signal.expected, 2), "authors": signal.authors,
    }  # fmt: skip


def _case_values(answered: Answered) -> dict[str, Any]:
    case, lead = answered.case, answered.lead
    return {
        "id": case.id, "opened_at": wire_time(case.opened_at), "by_counts": case.by_counts,
        "false_alarm": case.false_alarm, "caught_at": None if answered.alarm is None else wire_time(answered.alarm.at),
        "lead_minutes": None if lead is None else round(lead / MINUTE, 1),
    }  # fmt: skip
