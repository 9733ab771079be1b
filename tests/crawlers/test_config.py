from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from crawlers.config import CrawlersConfig
from stream.errors import ConfigError
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


def test_a_whole_source_is_read_with_the_promised_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, {"sources": {"forum": SOURCE}})
    source = config.sources["forum"]
    assert (source.delay.total_seconds(), source.private, source.verify_tls) == (1.0, False, True)
    assert config.voice_secret == b"secret"
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"basis": None}, "sources.forum.basis: "),
        ({"cron": "0 9 * * 1"}, "write names"),
        ({"url": None}, "url is missing"),
        ({"url": "ftp://bbs.corp.cn/"}, "is no web address"),
        ({"url": "https://user:pass@bbs.corp.cn/"}, "is no web address"),
        ({"delay": "0ms"}, "delay: 0 is for servers on this machine"),
        ({"delay": 1}, "has no unit"),
        ({"encoding": "klingon"}, "is no encoding"),
        ({"url": "http://127.0.0.1:8080/forum.php"}, "say private: true"),
        ({"robots": "ignore"}, "unknown key"),
        ({"software": "phpbb"}, "sources.forum.software"),
        ({"columns": {"text": "正文"}}, "columns belong to software: file"),
        ({"software": "file"}, "a file source has columns"),
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
        ({"voice_key": "written here"}, "must not be written here"),
        ({"voice_key_file": "nowhere/voice.key"}, "cannot read the secret"),
        ({"sources": {"one": SOURCE, "two": SOURCE}}, "one source owns a site's posts"),
        ({"sources": {"two words": SOURCE}}, "sources.two words"),
    ],
)
def test_a_mistake_between_sources_is_told_too(tmp_path: Path, content: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, content)
    assert words in str(caught.value)
