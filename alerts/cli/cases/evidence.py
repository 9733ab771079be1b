"""`evidence`: a case's packet of evidence, which a third person verifies without this program."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from alerts.cli.cases.pages import evidence_of
from alerts.cli.settings import Settings, open_context, open_register, with_settings
from alerts.reports.evidence.packet import RawPage, addresses_of, make_packet, page_of, read_pages
from alerts.reports.evidence.secured import look_at_all
from alerts.workflow.cases import Order
from stream.engines import open_index_reader, refuse_absent
from stream.process.clock import SystemClock


@click.command()
@click.argument("case_id", type=int)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP to write.")
@click.option("--raw", is_flag=True, help="Also pages as their site served them, of the last day: they hold names.")
@click.option("--by", help="--raw: also the pages that the case secured; who asks for them, taken on trust.")
@click.option("--note", default="", help="--by: why; stands in the record.")
@with_settings
def evidence(settings: Settings, case_id: int, out: Path, raw: bool, by: str | None, note: str) -> None:
    """Write a case's posts, its whole record, hashes of all of it, and a script that verifies it by itself."""
    if not out.parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}: make it first", param_hint="--out")
    if by is not None and not raw:
        raise click.UsageError("--by belongs to --raw: nobody is on record for what has no names")
    now = SystemClock().now()
    refuse_absent(settings.stream, "index")
    with open_register(settings) as register, closing(open_index_reader(settings.stream)) as reader:
        wanted = addresses_of(register, reader, case_id, now) if raw else frozenset()
        pages = read_pages(settings.stream.var / "samples", wanted) if raw else []
        pages += _secured(settings, case_id, Order(by, note), now) if by is not None else []
        packet = make_packet(register, reader, case_id, pages, now)
    partial = out.with_name(f"{out.name}.part")
    partial.write_bytes(packet.content)
    partial.replace(out)
    click.echo(f"已写入 {out}：帖文 {packet.posts} 条，处置记录 {packet.events} 条，原始应答 {len(pages)} 份")
    click.echo(f"清单摘要（请另行记录）：{packet.digest}")
    if packet.broken is not None:
        click.echo(f"警告：第 {packet.broken} 条处置记录被改动过，核验不会通过", err=True)


def _secured(settings: Settings, case_id: int, order: Order, now: datetime) -> list[RawPage]:
    with open_context(settings) as context:
        return [page_of(one) for one in look_at_all(context, evidence_of(settings), case_id, order, now)]
