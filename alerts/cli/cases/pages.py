"""`case evidence`: pages of a case as their sites sent them, secured before their day is over, listed, and shown."""

from collections.abc import Iterator
from pathlib import Path

import click

from alerts.cli.settings import Settings, open_context, with_settings
from alerts.notify.contents.phrases import local
from alerts.reports.evidence.secured import PageEvidence, look_at_page, secure_pages
from alerts.workflow.cases import Order
from stream.process.clock import SystemClock
from stream.responses.evidence import EvidenceFolder, open_evidence
from stream.responses.files import write_whole
from stream.responses.store import open_responses


@click.command("evidence")
@click.argument("case_id", type=int)
@click.option("--by", help="Who secures or looks: a key, name or address of people in alerts.yml. Taken on trust.")
@click.option("--note", default="", help="Why; stands in the record.")
@click.option("--show", "digest", help="Look at a page by its SHA-256, or at least 8 digits of it; needs --out.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="--show: the file to write the page to.")
@click.option("--post", help="Without --by: list only the pages that show the post of this id.")
@click.option("--typed-by", default="", help="Who types this for the person who said it. The record says so.")
@with_settings
def evidence_command(
    settings: Settings, case_id: int, by: str | None, note: str, digest: str | None, out: Path | None,
    post: str | None, typed_by: str,
) -> None:  # fmt: skip
    """Seal the pages that show a case's posts, as their sites sent them; they are kept a day at most otherwise.

    Without --by: list what is sealed. The pages hold names, as the sites show them: the record says who looked and why.
    """
    evidence = evidence_of(settings)
    if by is None:
        if digest is not None or out is not None:
            raise click.UsageError("--show needs --by: the record says who looked")
        for line in page_lines(evidence.folder, case_id, post):
            click.echo(line)
    elif digest is None and out is None:
        _secure(settings, evidence, case_id, Order(by, note, typed_by=typed_by))
    elif digest is None or out is None:
        raise click.UsageError("--show and --out belong together")
    elif not out.parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}: make it first", param_hint="--out")
    else:
        _show(settings, evidence, case_id, Order(by, note, typed_by=typed_by), digest, out)


def evidence_of(settings: Settings) -> PageEvidence:
    """Finds where pages lie, and the file of their key."""
    stream = settings.stream
    return PageEvidence(open_responses(stream), open_evidence(stream), settings.alerts.evidence_key_file)


def page_lines(folder: EvidenceFolder, case_id: int, post: str | None) -> Iterator[str]:
    """Yields a line a page of what the case has; nothing of what stands on them."""
    found = [page for page in folder.pages(case_id) if post is None or post in page.posts]
    yield from (f"{local(page.at)}\t{page.digest}\t帖文 {len(page.posts)} 条" for page in found)
    if not found:
        yield f"事件 {case_id} 没有存证的网页" + ("显示该帖文" if post else "")


def _secure(settings: Settings, evidence: PageEvidence, case_id: int, order: Order) -> None:
    with open_context(settings) as context:
        try:
            done = secure_pages(context, evidence, case_id, order, SystemClock().now())
        except OSError as error:
            raise click.ClickException(f"存证未全部写入，请处理后再次执行：{error}") from error
    click.echo(f"事件 {case_id}：新存证网页 {done.new} 份，共 {done.pages} 份")
    if done.without:
        click.echo(f"另有 {done.without} 条帖文没有留存的网页（原始网页最多留存 24 小时）")


def _show(settings: Settings, evidence: PageEvidence, case_id: int, order: Order, digest: str, out: Path) -> None:
    with open_context(settings) as context:
        page = look_at_page(context, evidence, case_id, digest, order, SystemClock().now())
    write_whole(out, page.body)
    click.echo(f"已写入 {out}：{page.url}，状态 {page.status}，采集于 {local(page.at)}，SHA-256 {page.digest}")
    for name, told in page.headers.items():
        click.echo(f"  {name}: {told}")
