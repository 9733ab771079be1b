"""`report`: what a day, a week or a case was like, and how the office kept its limits; as docx, HTML or text."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from alerts.cli.settings import Settings, open_register, with_settings
from alerts.desk.register import Register
from stream.cli.options import Group
from stream.engines import open_index_reader, refuse_absent
from stream.errors import ConfigError, Rejected, Retryable
from stream.index.port import Reader
from stream.process.clock import SHANGHAI, SystemClock

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
FORMS = (".docx", ".html", ".txt")


class Moment(click.ParamType[datetime]):
    """Takes a day or a time; without an offset it is one of Asia/Shanghai, as in letters."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Reads the time, or says how one is written."""
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-09-23 or 2026-09-23T08:30", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)


class OutFile(click.ParamType[Path]):
    """Takes the path of a report, whose ending says what it is to be."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuses endings nobody writes, and folders that are not there, before anything is gathered."""
        path = Path(value)
        if path.suffix.lower() not in FORMS:
            self.fail(f"{path.name}: a report ends in {', '.join(FORMS)}", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}: make it first", param, ctx)
        return path


def report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds what all reports take."""
    options = (
        click.option("--out", type=OutFile(), help="A .docx, .html or .txt file; without it text on the screen."),
        click.option("--classified", default="", help="密级, top right: 内部."),
        click.option("--issue", type=click.IntRange(1), help="Its number (第N期), where the office counts otherwise."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=Group)
def report() -> None:
    """Write reports: of a day, a week, a case; and the assessment of how limits were kept."""


@report.command("daily")
@click.option("--until", type=Moment(), help="The end of the 24 hours it is about; now by default.")
@report_options
@with_settings
def daily_command(
    settings: Settings, until: datetime | None, out: Path | None, classified: str, issue: int | None
) -> None:
    """Write 每日舆情: posts by topic, open and closed cases, what is due, how far the counts can be trusted."""
    from alerts.reports.periodical import daily_report
    from alerts.reports.periods import gather_period

    now = SystemClock().now()
    end = until or now
    with _opened(settings) as (register, reader):
        facts = gather_period(register, reader, end - DAY, end, HOUR)
    _write(daily_report(facts, end, classified=classified, issue=issue), out)


@report.command("weekly")
@click.option("--until", type=Moment(), help="The end of the seven days it is about; the last midnight by default.")
@report_options
@with_settings
def weekly_command(
    settings: Settings, until: datetime | None, out: Path | None, classified: str, issue: int | None
) -> None:
    """Write 舆情周报: this week against last, by topic and desk, and the week's cases."""
    from alerts.reports.periodical import weekly_report
    from alerts.reports.periods import gather_period

    midnight = SystemClock().now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    end = until or midnight
    with _opened(settings) as (register, reader):
        facts = gather_period(register, reader, end - WEEK, end, DAY)
    _write(weekly_report(facts, end, classified=classified, issue=issue), out)


@report.command("case")
@click.argument("case_id", type=int)
@report_options
@with_settings
def case_command(settings: Settings, case_id: int, out: Path | None, classified: str, issue: int | None) -> None:
    """Write the report of a case, the review once it ended: source, spread, claims, timeline, limits, lessons."""
    from alerts.reports.case import case_report, gather_case

    now = SystemClock().now()
    with _opened(settings) as (register, reader):
        facts = gather_case(register, reader, case_id, now)
    _write(case_report(facts, now, classified=classified, issue=issue), out)


@report.command("assessment")
@click.option("--since", type=Moment(), required=True, help="Cases opened from then on.")
@click.option("--until", type=Moment(), help="And before then; now by default.")
@click.option("--csv", "as_csv", is_flag=True, help="The times by desk and grade as CSV on the screen.")
@report_options
@with_settings
def assessment_command(
    settings: Settings, since: datetime, until: datetime | None, as_csv: bool, out: Path | None, classified: str,
    issue: int | None,
) -> None:  # fmt: skip
    """Write 考核: how long detection and every step took against their limits, by desk and grade, never by person."""
    from alerts.reports.assessed import assessment_csv, assessment_report, gather_assessment

    now = SystemClock().now()
    end = until or now
    if since >= end:
        raise click.BadParameter("it must lie before --until", param_hint="--since")
    if as_csv and out:
        raise click.UsageError("--csv does not go with --out: it writes to the screen")
    with _opened(settings) as (register, reader):
        facts = gather_assessment(register, reader, since, end, now)
    if as_csv:
        click.echo(assessment_csv(facts), nl=False)
        return
    _write(assessment_report(facts, now, classified=classified, issue=issue), out)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Register, Reader | None]]:
    """Opens the state database, and the index where it is there: a report says so where it is not."""
    with open_register(settings) as register:
        try:
            refuse_absent(settings.stream, "index")
            reader = open_index_reader(settings.stream)
        except (ConfigError, Rejected, Retryable):
            yield register, None
            return
        with closing(reader):
            yield register, reader


def _write(told: Any, out: Path | None) -> None:
    """Writes the report by the ending of its path: whole, or not at all."""
    from alerts.reports.forms.official import to_docx
    from alerts.reports.forms.page import to_html
    from alerts.reports.forms.plain import to_text

    if out is None:
        click.echo(to_text(told), nl=False)
        return
    kind = out.suffix.lower()
    content = to_docx(told) if kind == ".docx" else (to_html if kind == ".html" else to_text)(told).encode()
    partial = out.with_name(f"{out.name}.part")
    partial.write_bytes(content)
    partial.replace(out)
    click.echo(f"已写入 {out}：{told.number}，{told.title}")
