"""The mailbox in alerts.yml: its secret, its TLS, and every mistake with its key."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from yaml import safe_load

from stream.errors import ConfigError
from tests.alerts.notify.test_kinds import SHIPPED, read

INBOX = {
    "address": "answers@linjiang.cn", "host": "imap.linjiang.cn", "username": "answers", "password_env": "WENFENG_IMAP"
}  # fmt: skip
ENVIRON = {"WENFENG_IMAP": "geheim-密码"}


def test_a_mailbox_is_read_by_tls_every_half_minute_unless_said_otherwise(tmp_path: Path) -> None:
    config = read(tmp_path, ENVIRON, inbox=INBOX)
    inbox = config.inbox
    assert inbox is not None
    assert (inbox.port, inbox.tls, inbox.folder, inbox.poll_every) == (993, "implicit", "INBOX", timedelta(seconds=30))
    assert inbox.password.get_secret_value() == "geheim-密码"
    assert "geheim" not in repr(config)
    assert config.routing.reply_to == "answers@linjiang.cn"


def test_without_a_mailbox_letters_name_none(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.inbox is None
    assert config.routing.reply_to is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password_env": None}, r"inbox: give password_env or password_file"),
        ({"password_env": "WENFENG_OTHER"}, r"inbox: the environment variable WENFENG_OTHER is not set"),
        ({"password": "x"}, r"inbox: password must not be written here"),
        ({"tls": "none"}, r"inbox: tls: none is for a server on this machine only"),
        ({"tls": "ssl"}, r"inbox\.tls"),
        ({"address": "nobody"}, r"inbox\.address: this is no mail address"),
        ({"address": None}, r"inbox\.address"),
        ({"username": ""}, r"inbox\.username"),
        ({"username": "a\nb"}, r"inbox\.username"),
        ({"port": 0}, r"inbox\.port"),
        ({"poll_every": "10ms"}, r"inbox\.poll_every"),
        ({"timeout": "0s"}, r"inbox\.timeout"),
        ({"folders": "INBOX"}, r"inbox\.folders: unknown key"),
    ],
)
def test_a_mistake_in_a_mailbox_is_told_with_its_key(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    told = {name: value for name, value in (INBOX | changes).items() if value is not None}
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, ENVIRON, inbox=told)


def test_a_password_of_two_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="WENFENG_IMAP holds a line break"):
        read(tmp_path, {"WENFENG_IMAP": "a\r\nb"}, inbox=INBOX)


def test_on_this_machine_a_mailbox_may_do_without_tls(tmp_path: Path) -> None:
    config = read(tmp_path, ENVIRON, inbox=INBOX | {"host": "127.0.0.1", "tls": "none"})
    assert config.inbox is not None
    assert config.inbox.tls == "none"


def test_the_mailbox_and_the_channels_of_the_manual_are_read_as_they_stand(tmp_path: Path) -> None:
    text = (SHIPPED.parents[2] / "docs" / "deployment.md").read_text("utf-8")
    block = safe_load(re.findall(r"```yaml\n(.*?)```", text, re.S)[0])
    environ = dict.fromkeys(re.findall(r"WENFENG_\w+", text), "https://a.linjiang.cn/hook?key=12345678")
    config = read(tmp_path, environ, folder=None, **block)
    assert list(config.in_use) == ["smtp", "wecom", "dingtalk", "feishu", "duty", "folder"]
    assert config.routing.reply_to == "wenfeng@linjiang.cn"
