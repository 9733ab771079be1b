"""How what is sent to us is described: defaults, secrets, and each mistake at its place."""

from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from crawlers.config import CrawlersConfig
from crawlers.push.folder.source import FolderSource
from crawlers.push.mailbox.source import MailboxSource
from crawlers.push.reception.sources import ReceptionConfig, SuggestionsSource, WebhookSource, WecomSource
from stream.errors import ConfigError
from stream.process.configuration import Configuration
from tests.crawlers.push.reception.room import AES_KEY, HOOK_KEY, KEY

SECRETS = {
    "WENFENG_VOICE": "k" * 64, "WENFENG_TOKEN": "tok3n", "WENFENG_AES": AES_KEY, "WENFENG_HOOK": HOOK_KEY,
    "WENFENG_MAIL": "geheim", "WENFENG_SHORT": "short",
}  # fmt: skip
WECOM: dict[str, Any] = {
    "site": "app", "software": "wecom", "basis": "our own", "corp_id": "wwd08c8exxxx5ab44d",
    "token_env": "WENFENG_TOKEN", "aes_key_env": "WENFENG_AES",
}  # fmt: skip
HOOK: dict[str, Any] = {"site": "hook", "software": "webhook", "basis": "our own", "key_env": "WENFENG_HOOK"}
BOX: dict[str, Any] = {"site": "box", "software": "suggestions", "basis": "our own"}
MAIL: dict[str, Any] = {
    "site": "mail", "software": "mailbox", "basis": "our own", "host": "imap.corp.cn", "username": "yijian@corp.cn",
    "password_env": "WENFENG_MAIL", "cron": "*/5 * * * *",
}  # fmt: skip
DROP: dict[str, Any] = {
    "site": "drop", "software": "folder", "basis": "our own", "path": "var/drop", "columns": {"text": "内容"},
}  # fmt: skip
LISTEN = {"listen": "127.0.0.1:8430"}


def read(folder: Path, **content: Any) -> CrawlersConfig:
    whole = {"contact": "ops@corp.cn", "voice_key_env": "WENFENG_VOICE", "reception": LISTEN} | content
    text = safe_dump({key: value for key, value in whole.items() if value is not None}, allow_unicode=True)
    (folder / "crawlers.yml").write_text(text, "utf-8")
    return Configuration(folder, SECRETS).add("crawlers.yml", CrawlersConfig)()


def test_every_kind_is_read_and_keeps_nothing_of_the_writer_by_default(tmp_path: Path) -> None:
    config = read(tmp_path, sources={"app": WECOM, "hook": HOOK, "box": BOX, "mail": MAIL, "drop": DROP})
    assert {type(one) for one in config.sources.values()} == {
        WecomSource, WebhookSource, SuggestionsSource, MailboxSource, FolderSource,
    }  # fmt: skip
    assert all(one.internal for one in config.sources.values())
    assert config.received.keys() == {"app", "hook", "box"}
    assert config.polled.keys() == {"mail", "drop"}
    assert config.pulled == {}
    assert config.reception.bind == ("127.0.0.1", 8430)


def test_secrets_are_read_and_never_shown(tmp_path: Path) -> None:
    config = read(tmp_path, sources={"app": WECOM, "hook": HOOK, "mail": MAIL})
    app = config.sources["app"]
    assert isinstance(app, WecomSource)
    assert app.key == KEY
    for secret in ("tok3n", AES_KEY, HOOK_KEY, "geheim"):
        assert secret not in repr(config)


def test_without_a_reception_nothing_listens_and_old_files_stay_valid(tmp_path: Path) -> None:
    assert read(tmp_path, reception=None, sources={"drop": DROP}).reception == ReceptionConfig()
    assert read(tmp_path, reception=None, sources={"box": BOX | {"enabled": False}}).received == {}


def test_a_source_that_nothing_listens_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="box is sent to us and nothing listens"):
        read(tmp_path, reception=None, sources={"box": BOX})


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:8430", "10.0.0.1:8430", "localhost:8430", "127.0.0.1", "127.0.0.1:0", "x:1"]
)
def test_only_an_address_of_this_machine_is_listened_on(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ConfigError, match=r"reception\.listen: write an address of this machine"):
        read(tmp_path, reception={"listen": listen})


def test_the_address_may_be_of_the_newer_protocol(tmp_path: Path) -> None:
    assert read(tmp_path, reception={"listen": "[::1]:8430"}).reception.bind == ("::1", 8430)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (WECOM | {"corp_id": None}, "sources.one.corp_id: is missing: the organisation's CorpID"),
        (WECOM | {"token_env": None}, "sources.one: give token_file or token_env"),
        (WECOM | {"aes_key_env": "WENFENG_SHORT"}, "sources.one: give aes_key_file or aes_key_env"),
        (WECOM | {"token": "tok3n"}, "sources.one: token must not be written here"),
        (WECOM | {"service_secret": "geheim"}, "sources.one: service_secret must not be written here"),
        (
            WECOM | {"service_secret_env": "WENFENG_NONE"},
            "sources.one.service_secret_env: the environment variable WENFENG_NONE is not set",
        ),
        (WECOM | {"api": "http://qyapi.corp.cn/cgi-bin/"}, "sources.one: api is the folder of the API's calls: https"),
        (WECOM | {"api": "https://qyapi.corp.cn/cgi-bin"}, "sources.one: api is the folder of the API's calls: https"),
        (HOOK | {"key_env": None}, "sources.one: give key_file or key_env, at least 32 characters"),
        (HOOK | {"key_env": "WENFENG_SHORT"}, "sources.one: give key_file or key_env, at least 32 characters"),
        (HOOK | {"kind": "rumour"}, "sources.one.kind: "),
        (BOX | {"longest": 50}, "sources.one.longest: "),
        (BOX | {"corp_id": "wwd08c8e"}, "sources.one.corp_id: belongs to software: wecom, and this is suggestions"),
        (BOX | {"cron": "* * * * *"}, "sources.one.cron: belongs to software: "),
        (MAIL | {"host": None}, "sources.one.host: is missing: the IMAP server"),
        (MAIL | {"tls": "none"}, "sources.one: tls: none is for a server on this machine only"),
        (MAIL | {"cron": "0 9 * * 1"}, "sources.one.cron: "),
        (DROP | {"path": None}, "sources.one.path: is missing: the folder into which files are put"),
        (DROP | {"still": "0s"}, "sources.one.still: "),
        (DROP | {"cron": "*/5 * * * *", "every": "7d"}, "sources.one: cron says how often it is looked at"),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, source: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, sources={"one": {key: value for key, value in source.items() if value is not None}})
    assert f"crawlers.yml: {words}" in str(caught.value)
