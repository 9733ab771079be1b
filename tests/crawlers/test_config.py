from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from crawlers.config import CrawlersConfig
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.forums.forum_source import DiscuzSource
from crawlers.push.file_source import FileSource
from stream.errors import ConfigError
from stream.messages import Kind
from stream.process.configuration import Configuration

SOURCE: dict[str, Any] = {
    "site": "bbs",
    "software": "discuz",
    "url": "https://bbs.corp.cn/forum.php",
    "basis": "our own board",
    "cron": "*/10 * * * *",
}


def read(folder: Path, content: dict[str, Any]) -> CrawlersConfig:
    key = folder / "voice.key"
    key.touch(mode=0o600)
    key.write_text("secret", "utf-8")
    whole = {"contact": "ops@corp.cn", "voice_key_file": str(key)} | content
    (folder / "crawlers.yml").write_text(safe_dump({k: v for k, v in whole.items() if v is not None}), "utf-8")
    return Configuration(folder).add("crawlers.yml", CrawlersConfig)()


def test_the_shipped_file_has_no_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Path("configs/crawlers.yml").read_text("utf-8")
    assert "voice_key_file: var/voice.key" in shipped
    monkeypatch.setenv("WENFENG_VOICE", "secret")
    (tmp_path / "crawlers.yml").write_text(
        shipped.replace("voice_key_file: var/voice.key", "voice_key_env: WENFENG_VOICE")
    )
    assert Configuration(tmp_path).add("crawlers.yml", CrawlersConfig)().sources == {}


def test_a_source_may_have_a_name_that_people_read(tmp_path: Path) -> None:
    assert read(tmp_path, {"sources": {"forum": SOURCE | {"name": " 临江论坛 "}}}).sources["forum"].name == "临江论坛"
    assert read(tmp_path, {"sources": {"forum": SOURCE}}).sources["forum"].name is None
    for wrong in ("", "长" * 41, "两\n行", 7):
        with pytest.raises(ConfigError, match=r"sources\.forum\.name"):
            read(tmp_path, {"sources": {"forum": SOURCE | {"name": wrong}}})


def test_a_whole_source_is_read_with_the_promised_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, {"sources": {"forum": SOURCE}})
    source = config.pulled["forum"]
    assert (source.delay.total_seconds(), source.private, source.verify_tls) == (1.0, False, True)
    assert config.voice_secret == b"secret"
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"basis": None}, "sources.forum.basis: "),
        ({"cron": "0 9 * * 1"}, "write names"),
        ({"url": None}, "sources.forum.url: is missing: where the crawl begins"),
        ({"site": None}, "sources.forum.site: is missing: whose posts these are"),
        ({"url": "ftp://bbs.corp.cn/"}, "is no web address"),
        ({"url": "https://user:pass@bbs.corp.cn/"}, "is no web address"),
        ({"delay": "0ms"}, "delay: 0 is for servers on this machine"),
        ({"delay": 1}, "has no unit"),
        ({"encoding": "klingon"}, "is no encoding"),
        ({"url": "http://127.0.0.1:8080/forum.php"}, "say private: true"),
        ({"robots": "ignore"}, "unknown key"),
        ({"software": "vbulletin"}, "sources.forum.software: no such kind of source: write one of discuz, "),
        ({"software": None}, "sources.forum.software: is missing: write one of discuz, "),
        ({"columns": {"text": "正文"}}, "sources.forum.columns: belongs to software: file or "),
        ({"feeds": ["https://bbs.corp.cn/feed"]}, "sources.forum.feeds: belongs to software: feed or "),
        ({"kind": "status"}, "sources.forum.kind: belongs to software: feed or file or "),
        ({"every": "7d"}, "sources.forum.every: belongs to software: file"),
        ({"boards": {"allow": ["3"], "denny": ["4"]}}, "sources.forum.boards.denny: unknown key"),
        ({"pages": 0}, "sources.forum.pages: "),
    ],
)
def test_a_mistake_in_a_source_is_told_with_its_place(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    source = {key: value for key, value in (SOURCE | change).items() if value is not None}
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {"sources": {"forum": source}})
    assert words in str(caught.value)
    assert "crawlers.yml" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"contact": None}, "contact: "),
        ({"contact": "nobody"}, "contact: "),
        ({"contact": "ops@example.com", "sources": {"forum": SOURCE}}, "is a placeholder"),
        ({"voice_key_file": None}, "voice_key: missing: write voice_key_file: var/voice.key"),
        ({"contact": "mailto:ops@www.example.com", "sources": {"forum": SOURCE}}, "is a placeholder"),
        ({"voice_key": "written here"}, "must not be written here"),
        ({"voice_key_file": "nowhere/voice.key"}, "cannot read the secret"),
        ({"sources": {"one": SOURCE, "two": SOURCE}}, "one source owns a site's posts"),
        ({"sources": {"two words": SOURCE}}, "sources.two words"),
        ({"sources": [SOURCE]}, "sources: this is a list: write its keys below it, each as `key: value`, without `- `"),
        ({"sources": "s1： site：x"}, "sources: `s1：` has a full-width colon"),
    ],
)
def test_a_mistake_between_sources_is_told_too(tmp_path: Path, content: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, content)
    assert words in str(caught.value)


FILE: dict[str, Any] = {"site": "weibo", "software": "file", "basis": "our own export", "columns": {"text": "正文"}}
FEED: dict[str, Any] = {"site": "news", "software": "feed", "basis": "our own", "url": "https://news.corp.cn/feed/"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (FILE | {"url": "https://weibo.cn/"}, "sources.one.url: belongs to software: discuz or "),
        (FILE | {"cron": "*/10 * * * *"}, "sources.one.cron: belongs to software: discuz or "),
        (FILE | {"delay": "2s"}, "sources.one.delay: belongs to software: discuz or "),
        (FILE | {"columns": {"txt": "正文"}}, "sources.one.columns.txt: unknown key"),
        (FILE | {"columns": {"id": "编号"}}, "sources.one.columns.text: is missing: which column holds what: {text: "),
        (
            FILE | {"columns": "内容"},
            "sources.one.columns: write its keys below it, each as `key: value`: which column ",
        ),
        (FILE | {"every": "0s"}, "sources.one.every: nothing comes every moment"),
        (FILE | {"every": 7}, "sources.one.every: 7 has no unit"),
        (FEED | {"boards": {}}, "sources.one.boards: belongs to software: discuz or "),
        (FEED | {"encoding": "klingon"}, "sources.one.encoding: 'klingon' is no encoding"),
        (FEED | {"comments": True}, "sources.one.comments: belongs to software: wordpress or weibo, and this is feed"),
        (FEED | {"feeds": ["https://other.cn/feed"]}, "sources.one: feeds must be on the host of url"),
        (FEED | {"kind": "rumour"}, "sources.one.kind: "),
        (FILE | {"encoding": "big6"}, "sources.one.encoding: 'big6' is no encoding"),
        (None, "sources.one: write the keys of a source below its name"),
        ("site：bbs software：discuz", "sources.one: `site：` has a full-width colon: write `site:`"),
        ("discuz", "sources.one: write the keys of a source below its name"),
        (["discuz"], "sources.one: write the keys of a source below its name"),
        ({"software": ["feed"]}, "sources.one.software: no such kind of source"),
        ({"software": {"a": 1}}, "sources.one.software: no such kind of source"),
        ({1: 2, "software": "feed"}, "sources.one.site: is missing"),
    ],
)
def test_an_option_of_another_kind_is_refused_by_name_with_the_kinds_it_belongs_to(
    tmp_path: Path, source: Any, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {"sources": {"one": source}})
    assert f"crawlers.yml: {words}" in str(caught.value)


def test_every_mistake_is_told_at_once_whatever_its_kind_and_no_place_names_the_kind(tmp_path: Path) -> None:
    sources = {"a": SOURCE | {"feeds": [], "delay": 1, "basis": ""}, "b": {"software": "x"}, "c": FILE | {"boards": {}}}
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {"sources": sources})
    assert sorted(mistake.key for mistake in caught.value.mistakes) == [
        "sources.a.basis", "sources.a.delay", "sources.a.feeds", "sources.b.software", "sources.c.boards",
    ]  # fmt: skip


def test_each_source_is_of_the_type_of_its_kind_with_its_own_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, {"sources": {"forum": SOURCE, "export": FILE | {"every": "7d"}, "news": FEED}})
    forum, export, news = (config.sources[name] for name in ("forum", "export", "news"))
    assert isinstance(forum, DiscuzSource)
    assert (forum.pages, forum.boards.wants("3"), forum.encoding) == (50, True, None)
    assert isinstance(export, FileSource)
    assert export.columns is not None
    assert (export.kind, export.every, export.columns.text) == (Kind.STATUS, timedelta(days=7), "正文")
    assert isinstance(news, FeedSource)
    assert (news.kind, news.pages, news.feeds) == (Kind.ARTICLE, 1, ())


def test_the_current_sources_are_those_switched_on_and_the_pulled_ones_those_to_fetch(tmp_path: Path) -> None:
    config = read(tmp_path, {"sources": {"forum": SOURCE | {"enabled": False}, "export": FILE, "news": FEED}})
    assert (config.current, set(config.pulled)) == ({"export", "news"}, {"news"})


def test_a_placeholder_is_no_contact_for_what_is_switched_on_outside_alone(tmp_path: Path) -> None:
    loopback = SOURCE | {"url": "http://localhost:8080/forum.php", "private": True, "site": "here"}
    sources = {"forum": SOURCE | {"enabled": False}, "export": FILE, "here": loopback}
    assert read(tmp_path, {"contact": "ops@example.com", "sources": sources}).contact == "ops@example.com"


FOLDER: dict[str, Any] = {"software": "folder", "basis": "our own", "path": "var/drop"}
MAILBOX: dict[str, Any] = {
    "software": "mailbox", "basis": "our own", "host": "imap.corp.cn", "username": "yijian@corp.cn",
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        (FOLDER, FOLDER, True),
        (FOLDER, FOLDER | {"path": "./var/../var/drop/"}, True),
        (FOLDER, FOLDER | {"path": "var/drop/hotline"}, False),
        (FOLDER, FOLDER | {"enabled": False}, False),
        (MAILBOX, MAILBOX | {"host": "IMAP.corp.cn", "username": "Yijian@corp.cn", "folder": "inbox"}, True),
        (MAILBOX, MAILBOX | {"folder": "意见"}, False),
        (MAILBOX, MAILBOX | {"username": "tousu@corp.cn"}, False),
        (MAILBOX, FOLDER, False),
    ],
)
def test_one_place_is_looked_into_by_one_source(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any], twice: bool
) -> None:
    def whole(source: dict[str, Any], site: str) -> dict[str, Any]:
        secret = {"password_file": str(tmp_path / "voice.key")} if source["software"] == "mailbox" else {}
        return source | secret | {"site": site}

    sources = {"one": whole(one, "one"), "other": whole(other, "other")}
    if not twice:
        assert len(read(tmp_path, {"sources": sources}).sources) == 2
        return
    with pytest.raises(ConfigError, match=r"other and one both look into .*: whichever comes first takes"):
        read(tmp_path, {"sources": sources})


def test_a_secret_that_cannot_be_read_is_told_with_its_key_and_what_makes_it(tmp_path: Path) -> None:
    weibo = {"site": "wb", "software": "weibo", "basis": "ours", "account": "12345"}
    away = str(tmp_path / "away")
    with pytest.raises(
        ConfigError, match=r"voice_key_file: cannot read the secret: .*; make setup makes var/voice.key"
    ):
        read(tmp_path, {"voice_key_file": away})
    with pytest.raises(ConfigError, match=r"voice_key_env: the environment variable WENFENG_NONE is not set$"):
        read(tmp_path, {"voice_key_file": None, "voice_key_env": "WENFENG_NONE"})
    for key, told in (("token_file", away), ("token_env", "WENFENG_NONE")):
        with pytest.raises(ConfigError) as caught:
            read(tmp_path, {"sources": {"wb": weibo | {key: told}}})
        (mistake,) = caught.value.mistakes
        assert mistake.key == f"sources.wb.{key}"
        assert told in mistake.problem
