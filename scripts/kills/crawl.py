"""The recorded forum, crawled, scored and indexed with every stage killed on the way."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

from yaml import safe_dump

from scripts.captures.serving import Run, served
from scripts.kills.compare import Posts, differences, read_export
from scripts.kills.processes import finish, kill_within, python

SITE = "discuz-utf8"
OF_A_RUN = ("first_seen_at", "observed_at", "scored_at", "counted_at")  # real time, so different in each run


def crawl_story(captures: Path, home: Path, kills: int, dice: Random) -> Iterator[tuple[str, int, bool, str]]:
    """(stage, kills, good, verdict) of each stage, last of the whole."""
    with served(captures, Run(SITE, "killed", 0)) as port:
        calm, rough = (_configs(home / name, port) for name in ("calm", "rough"))
        took = {stage: finish(words) for stage, words in _stages(calm).items()}
        for stage, words in _stages(rough).items():
            killed = _killed(words, took[stage], kills, dice)
            finish(words)
            yield stage, killed, killed >= kills, "started again, ran to its end"
        wanted, found = _exported(calm), _exported(rough)
        wrong = differences(wanted, found)
        verdict = f"{len(found)} posts, {len(wanted)} without kills, " + (
            "; ".join(wrong[:3]) or "equal in every field"
        )
        yield "index after all", 0, not wrong, verdict


def _killed(words: list[str], usual: float, kills: int, dice: Random) -> int:
    """Starts and kills a stage `kills` times, early enough that the work is not done before the last."""
    killed = 0
    for _ in range(3 * kills):
        if killed < kills:
            killed += kill_within(words, usual * (0.6 if killed == 0 else 0.35), dice)
    return killed


def _stages(configs: Path) -> dict[str, list[str]]:
    at = ["--configs", str(configs)]
    return {
        "crawl": ["crawlers", "crawl", SITE, *at],
        "score": ["nlp", "score", "--once", *at],
        "index": ["stream", "index", "--once", *at],
    }


def _exported(configs: Path) -> Posts:
    told = subprocess.run(python(["stream", "export", "--configs", str(configs)]), check=True, capture_output=True)
    return read_export(told.stdout.splitlines(), without=OF_A_RUN)


def _configs(folder: Path, port: int) -> Path:
    folder.mkdir(parents=True)
    key = folder / "voice.key"
    key.touch(mode=0o600)
    key.write_text("the same in both runs, so that voices can be compared", "utf-8")
    source = {
        "site": SITE,
        "software": "discuz",
        "url": f"http://127.0.0.1:{port}/forum.php",
        "basis": "a recording on this machine",
        "delay": "0ms",
        "private": True,
    }
    crawlers = {"contact": "nobody@example.invalid", "voice_key_file": str(key), "sources": {SITE: source}}
    (folder / "crawlers.yml").write_text(safe_dump(crawlers), "utf-8")
    (folder / "stream.yml").write_text(safe_dump({"var": str(folder / "var"), "batch": 64}), "utf-8")
    for name in ("nlp.yml", "topics.yml"):
        (folder / name).write_text((Path("configs") / name).read_text("utf-8"), "utf-8")
    return folder
