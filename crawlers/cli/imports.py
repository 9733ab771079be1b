"""What `python -m crawlers import` tells: what became of the rows, what was guessed, what would be sent."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crawlers.push.columns import Columns
from crawlers.push.files import ImportSummary
from crawlers.push.guessing import told
from crawlers.push.preview import Preview
from crawlers.push.rows import sayable
from stream.messages import Post
from stream.process.clock import local_time

_WORDS = 60  # characters of a post that are shown


def lines_of_import(file: Path, summary: ImportSummary) -> Iterator[str]:
    """Yields what a person is told of an import that is done."""
    if summary.guessed is not None:
        yield from _guess(summary.guessed, summary.unused)
    rejected = f" ({_counted(summary.reasons, summary.examples)})" if summary.reasons else ""
    yield (
        f"{sayable(file.name)}: {summary.rows} rows, {summary.sent} sent, {summary.unchanged} unchanged, "
        f"{summary.rejected} rejected{rejected}"
    )
    if summary.remarks:
        yield f"to look at: {_counted(summary.remarks, summary.examples)}"
    if summary.report is not None:
        yield f"by line: {sayable(str(summary.report))}"


def lines_of_preview(file: Path, seen: Preview, *, guessed: bool) -> Iterator[str]:
    """Yields what a person is told of a dry run."""
    if guessed and seen.columns.text:
        yield from _guess(seen.columns, seen.unused)
    yield from map(_shown, seen.first)
    rejected = seen.reasons.total()
    reasons = f" ({_counted(seen.reasons, seen.examples)})" if rejected else ""
    name = sayable(file.name)
    yield f"{name}: {seen.rows} rows, {seen.posts} would be sent, {rejected} rejected{reasons}; nothing was sent"
    if seen.remarks:
        yield f"to look at: {_counted(seen.remarks, seen.examples)}"


def _guess(columns: Columns, unused: Sequence[str]) -> Iterator[str]:
    yield "guessed from the header; write it below the source in crawlers.yml to keep it or to mend it:"
    yield f"  {told(columns)}"
    if unused:
        yield f"  nothing is made of: {', '.join(unused)}"


def _shown(post: Post) -> str:
    when = local_time(post.published_at) if post.published_at else "no time"
    words = " ".join(part for part in (f"[{post.title}]" if post.title else "", *post.text.split()) if part)
    counts = "" if post.counted_at else ", counts towards no spike"
    return (
        f"{post.native_id} ({when}{counts}): {words[:_WORDS]}{'…' if len(words) > _WORDS else ''} {post.url}".rstrip()
    )


def _counted(reasons: Mapping[str, int], examples: Mapping[str, str]) -> str:
    """Writes `2 × does_not_fit (6 cells under 5 names, line 4)`."""
    return "; ".join(f"{count} × {reason} ({examples[reason]})" for reason, count in reasons.items())
