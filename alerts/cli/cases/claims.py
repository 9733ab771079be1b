"""`claims`: the library of what was claimed, verified and answered before (辟谣库)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO

import click

from alerts.claims.claim import Claim
from alerts.claims.recognition import expired
from alerts.cli.cases.acting import VerdictChoice
from alerts.cli.settings import Settings, open_register, with_settings
from alerts.desk.claims import NewClaim, add_claim, list_claims, match_texts, retire, show_claim, today_of
from alerts.desk.register import Register
from alerts.notify.contents.phrases import local
from alerts.notify.contents.quotes import clean
from alerts.words import VERDICT_NAMES
from alerts.workflow.parts import Verdict
from stream.cli.options import Group
from stream.process.clock import SystemClock

AT_ONCE = 10_000  # lines held against the library at once
SHOWN = 60  # characters of a line that are shown


@click.group(cls=Group)
def claims() -> None:
    """Keep what was claimed, found out and answered, and find it again in new posts."""


@claims.command("add")
@click.option("--claim", required=True, help="What is claimed, in one sentence with place and number.")
@click.option("--verdict", type=VerdictChoice(), help="What was found; the Chinese word does as well.")
@click.option("--statement", help="What the organisation says of it; stands in the letter when the claim returns.")
@click.option("--owner", help="The desk of alerts.yml that answers for it.")
@click.option("--evidence", default="", help="Where it is proven.")
@click.option("--valid-until", type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds; then only suggested.")
@click.option("--case", "case_id", type=int, help="A case it was verified in: of what is not given, the case says it.")
@click.option("--by", required=True, help="Who keeps it: a key, name or address of people in alerts.yml. On trust.")
@with_settings
def add_command(
    settings: Settings, claim: str, verdict: Verdict | None, statement: str | None, owner: str | None, evidence: str,
    valid_until: datetime | None, case_id: int | None, by: str,
) -> None:  # fmt: skip
    """Keep a claim with its verdict and statement."""
    new = NewClaim(
        claim=claim, by=by, verdict=verdict, statement=statement, owner=owner, evidence=evidence, case_id=case_id,
        valid_until=valid_until.date() if valid_until else None,
    )  # fmt: skip
    with open_register(settings) as register:
        kept = add_claim(register, new, SystemClock().now())
    click.echo(f"已入辟谣库：第 {kept.id} 条（{VERDICT_NAMES[kept.verdict]}）")


@claims.command("list")
@click.option("--all", "also_retired", is_flag=True, help="Also claims that were retired.")
@with_settings
def list_command(settings: Settings, also_retired: bool) -> None:
    """List the claims in use."""
    now = SystemClock().now()
    with open_register(settings) as register:
        found = list_claims(register, also_retired=also_retired)
    for one in found:
        click.echo(f"{one.id}\t{VERDICT_NAMES[one.verdict]}\t{clean(one.claim)}\t{_validity(one, now)}")
    if not found:
        click.echo("辟谣库还没有条目")


@claims.command("show")
@click.argument("claim_id", type=int)
@with_settings
def show_command(settings: Settings, claim_id: int) -> None:
    """Show one claim with its statement and evidence."""
    with open_register(settings) as register:
        for line in claim_lines(show_claim(register, claim_id), register, SystemClock().now()):
            click.echo(line)


@claims.command("retire")
@click.argument("claim_id", type=int)
@with_settings
def retire_command(settings: Settings, claim_id: int) -> None:
    """Take a claim out of use: nothing is held against it any more."""
    with open_register(settings) as register:
        retire(register, claim_id, SystemClock().now())
    click.echo(f"第 {claim_id} 条已停用，不再参与比对")


@claims.command("match")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@with_settings
def match_command(settings: Settings, file: IO[str]) -> None:
    """Hold every line of FILE (- for standard input) against the library; tell those that repeat a claim."""
    now, found = SystemClock().now(), 0
    with open_register(settings) as register:
        for start, lines in _some(file):
            for one in match_texts(register, lines, now):
                words = "相符" if one.known.sure else "可能相符"
                quoted = clean(lines[one.text])[:SHOWN]
                number = start + one.text + 1
                click.echo(f"第 {number} 行\t{words}\t第 {one.known.id} 条\t{one.known.score:.2f}\t{quoted}")
                found += 1
    if not found:
        click.echo("没有与辟谣库相符的内容")


def claim_lines(one: Claim, register: Register, now: datetime) -> Iterator[str]:
    """Yields all there is to say of a claim, a line each."""
    yield f"第 {one.id} 条　{VERDICT_NAMES[one.verdict]}　{_validity(one, now)}"
    yield f"传言：{clean(one.claim)}"
    yield f"口径：{clean(one.statement)}"
    yield f"责任岗位：{register.desk_name(one.owner)}"
    yield f"依据：{clean(one.evidence) or '未写明'}"
    yield f"入库：{local(one.made_at)}，{one.made_by}" + (f"，事件 {one.case_id}" if one.case_id else "")


def _validity(one: Claim, now: datetime) -> str:
    if one.retired_at is not None:
        return f"{local(one.retired_at)} 停用"
    if expired(one.valid_until, today_of(now)):
        return f"{one.valid_until} 已到期，只作提示"
    return f"有效期至 {one.valid_until}" if one.valid_until else "长期有效"


def _some(file: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Yields the lines some thousand at a time, each with the number of lines before."""
    start = 0
    try:
        while lines := list(islice(file, AT_ONCE)):
            yield start, lines
            start += len(lines)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} 不是 UTF-8 文本：请另存为 UTF-8 后再试（{error.reason}）") from error
