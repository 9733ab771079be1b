"""What an import would send, looked at without sending: a dry run needs no log and no state."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.edge import to_post
from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.files import BATCH, columns_of, read_row, reader_of, rows_of
from crawlers.push.rows import Oddity, Reached, Row
from crawlers.push.tables import PARSER, VERSION
from stream.errors import Rejected
from stream.messages import Crawl, Post
from stream.process.clock import Clock

SHOWN = 3


@dataclass(slots=True, kw_only=True)
class Preview:
    """What is in a file: its first posts, as they would be sent, and what is odd, as `ImportSummary` has it."""

    columns: Columns
    unused: tuple[str, ...] = ()
    rows: int = 0
    posts: int = 0
    first: list[Post] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


def preview(
    path: Path, source: FileSource, *, name: str, clock: Clock, progress: Callable[[int, float], None]
) -> Preview:
    """Reads the whole file as `import_file` does and sends nothing; raises `Rejected` where that would.

    Rows that the log has already are among the `posts`: only the import knows them.
    """
    columns, unused = columns_of(path, source)
    seen, now, reached = Preview(columns=columns, unused=unused), clock.now(), Reached()
    reader = reader_of(path, columns, source, now)
    for row in rows_of(path, columns, source, reached):
        if row.odd is not None and row.odd.taken:
            _tell(seen, row, row.odd)
        if not row.line:
            continue
        seen.rows += 1
        if seen.rows % BATCH == 0:
            progress(seen.rows, reached.share)
        try:
            read = read_row(reader, row, now)
        except Rejected as error:
            _tell(seen, row, Oddity(error.reason, error.detail))
            continue
        seen.posts += 1
        for one in read.odd:
            _tell(seen, row, one)
        if len(seen.first) < SHOWN:
            post = to_post(
                read.observation,
                site=source.site,
                source=name,
                voice_key=b"",
                first_seen_at=now,
                observed_at=now,
                crawl=Crawl(robots="not_applicable", rate=None, parser=PARSER, version=VERSION),
                keep_voice=False,
                counts_now=read.counts_now,
            )
            seen.first.append(post)
    progress(seen.rows, 1.0)
    return seen


def _tell(seen: Preview, row: Row, odd: Oddity) -> None:
    (seen.remarks if odd.taken else seen.reasons)[odd.reason] += 1
    seen.examples.setdefault(odd.reason, ", ".join(part for part in (odd.detail, row.place) if part))
