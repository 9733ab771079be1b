"""The link into Kibana: Kibana can read it, and nobody can put anything of theirs into it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from alerts.casefile.context import CaseContext
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.console import Site
from alerts.notify.contents.dashboard import Rison, rison, topic_address
from alerts.watch import Watcher
from stream.messages import ScoredPost

KIBANA = "https://kibana.example.com:5601/s/yuqing"


def read(text: str) -> Rison:
    """Rison back to a value, as Kibana's own reader has it; the whole text or an error."""
    value, left = _value(text)
    assert left == ""
    return value


def _value(text: str) -> tuple[Rison, str]:
    if text.startswith("("):
        return _pairs(text[1:])
    if text.startswith("!("):
        return _list(text[2:])
    if text[:2] in ("!t", "!f"):
        return text[1] == "t", text[2:]
    if text.startswith("'"):
        return _quoted(text[1:])
    word = ""
    while text and text[0] not in "!:(),'":
        word, text = word + text[0], text[1:]
    assert word
    assert not word[0].isdigit()
    return word, text


def _quoted(text: str) -> tuple[str, str]:
    said = ""
    while text[0] != "'":
        if text[0] == "!":
            assert text[1] in "!'"
            text = text[1:]
        said, text = said + text[0], text[1:]
    return said, text[1:]


def _pairs(text: str) -> tuple[dict[str, Rison], str]:
    found: dict[str, Rison] = {}
    while text[0] != ")":
        key, text = _value(text.removeprefix(","))
        assert isinstance(key, str)
        assert text[0] == ":"
        found[key], text = _value(text[1:])
    return found, text[1:]


def _list(text: str) -> tuple[list[Rison], str]:
    found: list[Rison] = []
    while text[0] != ")":
        value, text = _value(text.removeprefix(","))
        found.append(value)
    return found, text[1:]


def test_the_link_shows_the_topic_from_a_day_before_the_rise(now: datetime) -> None:
    parts = urlsplit(topic_address(KIBANA, "wenfeng", "out-age", now))
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "kibana.example.com:5601", "/s/yuqing/app/dashboards")
    place, _, state = parts.fragment.partition("?")
    assert place == "/view/wenfeng-board-topic"
    told = {key: read(value) for key, (value,) in parse_qs(state).items()}
    assert told["_g"] == {"filters": [], "time": {"from": "2026-09-20T06:02:00.000Z", "to": "now"}}
    here = told["_a"]
    assert isinstance(here, dict)
    (only,) = here["filters"]
    assert only["query"] == {"match_phrase": {"topics": "out-age"}}
    assert (only["meta"]["index"], only["meta"]["key"], only["meta"]["params"]) == (
        "wenfeng-posts", "topics", {"query": "out-age"},
    )  # fmt: skip


@given(st.recursive(st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_is_said_in_rison_is_read_again(value: Rison) -> None:
    if not isinstance(value, dict | list):
        value = [value]
    assert read(rison(value)) == value


@given(st.text(max_size=50))
def test_no_word_leaves_its_place_in_the_address(topic: str) -> None:
    try:
        topic.encode()
    except UnicodeEncodeError:
        return
    address = topic_address(KIBANA, "wenfeng", topic, datetime.fromisoformat("2026-09-21T06:02:00Z"))
    assert address.isascii()
    assert not set(address) & set("'\"<>() \r\n\t\\!,;")
    here = read(unquote(address.rpartition("&_a=")[2]))
    assert isinstance(here, dict)
    assert here["filters"][0]["query"] == {"match_phrase": {"topics": topic}}  # type: ignore[index,call-overload]


@pytest.mark.parametrize("url", ["http://10.0.0.7:5601", "https://kibana.corp.cn/", "https://k.corp.cn/kibana/s/a-b"])
def test_an_address_of_kibana_is_taken(url: str) -> None:
    assert TypeAdapter(Site).validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "kibana.corp.cn", "https://me:pw@k.cn", "https://k.cn/?a=b", "https://k.cn/#x",
        "https://k.cn/a b", 'https://k.cn/"', "https://k.cn/\nBcc: x", "https://k.cn\n",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Site).validate_python(url)


def letters(
    context: CaseContext, rumour: Callable[..., list[ScoredPost]], now: datetime, folder: Path
) -> list[EmailMessage]:
    rumour(30)
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=folder))], "w")
    watcher.look(now)
    watcher.deliver(now)
    found = []
    for path in folder.rglob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    assert found
    return found


def text_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_letters_carry_the_link_where_kibana_is_configured(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime, tmp_path: Path
) -> None:
    config = replace(context.config, kibana=KIBANA)
    for message in letters(replace(context, config=config, index_name="linjiang"), rumour, now, tmp_path / "letters"):
        line = next(one for one in text_of(message, "plain").splitlines() if "/app/dashboards#" in one)
        told, _, line = line.strip().rpartition("：")
        assert told == "查看走势与原文（单位内网 Kibana，需登录）"
        assert line.startswith(f"{KIBANA}/app/dashboards#/view/linjiang-board-topic?_g=%28")
        html = text_of(message, "html")
        assert f'<a href="{line.replace("&", "&amp;")}"' in html


def test_letters_have_no_link_without_it(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime, tmp_path: Path
) -> None:
    for message in letters(context, rumour, now, tmp_path / "letters"):
        assert "<a " not in text_of(message, "html")
        assert "Kibana" not in text_of(message, "plain")
