"""Forums: all of state a, then what state b changed, then ways of being turned away."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawlers.kinds import KINDS
from crawlers.pages.discuz.body import FACES
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.forums.forum_source import ForumSource
from crawlers.source import PulledSource
from scripts.captures.pace import most_delayed
from scripts.captures.serving import OUT, Result, Run, ask, captured_at, exported, served, surrounded
from stream.state.source_lists import SourceList, lists_of_current

_ADDED = re.compile(rf"\n投票：.*\Z|\[(?:{'|'.join(FACES.values())})\]", re.DOTALL)
# States of a site in which nothing may be read, and nothing taken for deleted. NodeBB says 503: that is waited for.
REFUSING = {"discuz": ("guard", "closed"), "nodebb": ()}


def crawl_forum(folder: Path, name: str, run: Run) -> Iterator[Result]:
    """State a from nothing, state b on top of it, then the site closed: three crawls and more with one memory."""
    captured = captured_at(folder, run.site)
    home = OUT / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with served(folder, run) as port, surrounded(home, captured["a"]) as (around, clock):
        software = run.site.partition("-")[0]
        kind = KINDS[software].source
        assert issubclass(kind, ForumSource)
        source = kind(
            site=run.site,
            software=software,
            url=f"http://127.0.0.1:{port}/{'forum.php' if software == 'discuz' else ''}",
            basis="a recording on this machine",
            delay=timedelta(seconds=run.delay),
            private=True,
        )
        for state in "ab":
            clock.turn_to(captured[state])
            ask(port, f"state?{state}")
            yield crawl_state(folder, run, state, (name, port, home), source, around)
        for state in REFUSING[software] if run.way == "quick" else ():
            clock.turn_to(clock.now() + timedelta(hours=2))
            ask(port, f"state?{state}")
            yield _refused(name, state, port, source, around)


def crawl_state(
    folder: Path, run: Run, state: str, where: tuple[str, int, Path], source: PulledSource, around: CrawlEnvironment
) -> Result:
    """Crawls the site as it is served now, and scores what came of it."""
    name, port, home = where
    ask(port, "reset")
    began, since = time.monotonic(), around.clock.now()
    tally = crawl(name, source, around)
    seconds = time.monotonic() - began
    stats = ask(port, "stats")
    rows = home / f"{state}.jsonl"
    rows.write_bytes(b"".join(map(as_written, exported(home, around.clock, since))))
    report = score(folder, run.site, state, rows)
    deleted = report.get("deleted", {"wanted": 0, "found": 0, "wrong": 0})
    lists = lists_of_current(around.engine)[name]
    whole = [one for one in lists if one.short is None and one.complete_until and one.complete_until >= since]
    late = most_delayed([request["t"] for request in stats["log"]], run.delay)
    refetched = {path: count for path, count in stats["fetched_twice"].items() if not run.faults}
    good = (
        (report["recall"], report["precision"], report["time"]["exact"], report["text"]["exact"]) == (1, 1, 1, 1)
        and not report.get("unneeded", 0)
        and (deleted["found"], deleted["wrong"]) == (deleted["wanted"], 0)
        and len(whole) == len(lists) > 0
        and not refetched
        and not stats["robots_disallowed"]
        and late <= run.delay / 2
    )
    return Result(
        run=name,
        state=state,
        recall=report["recall"],
        precision=report["precision"],
        times=report["time"]["exact"],
        texts=report["text"]["exact"],
        unneeded=report.get("unneeded", 0),
        deleted=f"{deleted['found']}/{deleted['wanted']}, {deleted['wrong']} wrong",
        requests=stats["requests"],
        seconds=round(seconds, 1),
        min_gap=stats["min_gap_s"],
        late=round(late, 3),
        lists=f"{len(whole)}/{len(lists)}, {sum(map(_lacking, lists))} off",
        twice=len(refetched),
        disallowed=len(stats["robots_disallowed"]),
        ended=f"{tally.state()} {tally.reason()}".strip(),
        good=good,
    )


def _lacking(one: SourceList) -> int:
    return (one.threads_missing or 0) + (one.posts_missing or 0)


def _refused(name: str, state: str, port: int, source: ForumSource, around: CrawlEnvironment) -> Result:
    ask(port, "reset")
    began = time.monotonic()
    tally = crawl(name, source, around)
    stats = ask(port, "stats")
    sent = tally.new + tally.changed + tally.deleted
    return Result(
        run=name,
        state=state,
        recall=None,
        precision=None,
        times=None,
        texts=None,
        unneeded=sent,
        deleted=f"{tally.deleted} wrong",
        requests=stats["requests"],
        seconds=round(time.monotonic() - began, 1),
        min_gap=stats["min_gap_s"],
        twice=len(stats["fetched_twice"]),
        disallowed=len(stats["robots_disallowed"]),
        ended=f"{tally.state()} {tally.reason()}".strip(),
        good=bool(tally.blocked) and not sent and stats["requests"] <= 2,
    )


def as_written(line: bytes) -> bytes:
    """Leaves of an exported post what its writer typed: the truth knows no options of polls and no faces."""
    told = json.loads(line)
    return json.dumps(told | {"text": _ADDED.sub("", told["text"])}, ensure_ascii=False).encode() + b"\n"


def score(folder: Path, site: str, state: str, rows: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        str(folder / "score.py"),
        site,
        state,
        str(rows),
        *(["--since", "a"] if state == "b" else []),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    report, end = json.JSONDecoder().raw_decode(told)
    rows.with_suffix(".faults.txt").write_text(told[end:].strip(), "utf-8")
    assert isinstance(report, dict)
    return report
