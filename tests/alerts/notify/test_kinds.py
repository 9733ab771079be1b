"""The table of channels, as alerts.yml meets it, and the routes that follow: order, names, addresses, mistakes."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from yaml import safe_dump, safe_load

from alerts.config import AlertsConfig
from alerts.notify.channel import Form, Medium
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.notify.channels.smtp import SmtpChannel, SmtpConfig
from alerts.notify.kinds import KINDS, kind_of, open_channels
from alerts.notify.render.mail import Letterhead
from alerts.notify.routing import Route
from stream.errors import ConfigError
from stream.process.configuration import Configuration

SHIPPED = Path(__file__).parents[3] / "configs" / "example" / "alerts.yml"
LOCAL = {"host": "127.0.0.1", "tls": "none"}
MAIL = Form(Medium.MAIL)
HEAD = Letterhead("a@b.cn", "b.cn")


REAL = SHIPPED.read_text("utf-8").replace("@example.com", "@linjiang.cn")  # mail for made-up addresses is refused


def read(place: Path, environ: dict[str, str] | None = None, **changes: object) -> AlertsConfig:
    raw = safe_load(REAL)
    raw = {key: value for key, value in (raw | changes).items() if value is not None}
    (place / "alerts.yml").write_text(safe_dump(raw, allow_unicode=True, sort_keys=False), "utf-8")
    return Configuration(place, environ or {}).add("alerts.yml", AlertsConfig)()


def people(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = safe_load(REAL)["people"]
    return raw | {"zhang_min": {"name": "张敏"} | changes}


def test_the_short_form_means_mail_first_and_the_folder_behind_it(tmp_path: Path) -> None:
    config = read(tmp_path, smtp=LOCAL, folder="var/letters")
    assert list(config.in_use.items()) == [
        ("smtp", SmtpConfig(**LOCAL)),
        ("folder", FolderConfig(path=Path("var/letters"))),
    ]
    assert list(read(tmp_path, folder="x").in_use) == ["folder"]
    assert list(read(tmp_path, smtp=LOCAL, folder=None).in_use) == ["smtp"]


def test_channels_are_used_in_the_order_they_are_written(tmp_path: Path) -> None:
    channels = {
        "relay": {"kind": "smtp"} | LOCAL,
        "folder": {"path": "a"},
        "notes": {"kind": "folder", "path": "b", "medium": "text", "limit": 2000},
        "smtp": LOCAL | {"port": 2525},
    }
    config = read(tmp_path, folder=None, channels=channels)
    assert list(config.in_use) == ["relay", "folder", "notes", "smtp"]
    assert config.routing.routes("zhang_min") == (
        Route("relay", "zhang.min@linjiang.cn", MAIL),
        Route("folder", "zhang.min@linjiang.cn", MAIL),
        Route("notes", "zhang.min@linjiang.cn", Form(Medium.TEXT, 2000)),
        Route("smtp", "zhang.min@linjiang.cn", MAIL),
    )
    opened = open_channels(config.in_use, config.routing.letterhead)
    assert [type(one) for one in opened] == [SmtpChannel, FolderChannel, FolderChannel, SmtpChannel]
    assert [one.name for one in opened] == ["relay", "folder", "notes", "smtp"]


def test_only_channels_that_a_person_has_an_address_for_are_routes(tmp_path: Path) -> None:
    channels = {"smtp": LOCAL, "folder": {"path": "a"}}
    who = people(addresses={"folder": "m.zhang@linjiang.cn"})
    config = read(tmp_path, folder=None, channels=channels, people=who)
    assert config.routing.routes("zhang_min") == (Route("folder", "m.zhang@linjiang.cn", MAIL),)
    who = people(email="z@linjiang.cn", addresses={"folder": "m.zhang@linjiang.cn"})
    config = read(tmp_path, folder=None, channels=channels, people=who)
    assert [route.address for route in config.routing.routes("zhang_min")] == ["z@linjiang.cn", "m.zhang@linjiang.cn"]


def test_somebody_unknown_has_no_routes_and_finished_mail_goes_by_mail_alone(tmp_path: Path) -> None:
    channels = {"notes": {"kind": "folder", "path": "b", "medium": "markdown"}, "smtp": LOCAL, "folder": {"path": "a"}}
    routing = read(tmp_path, folder=None, channels=channels).routing
    assert routing.routes("nobody") == ()
    assert routing.mail_routes("x@linjiang.cn") == (
        Route("smtp", "x@linjiang.cn", MAIL), Route("folder", "x@linjiang.cn", MAIL)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channels": {"fax": {"key": "x"}}}, r"channels\.fax: no kind of channel 'fax'.*one of smtp, folder, wecom"),
        ({"channels": {"wecom": {"key": "x"}}}, r"channels\.wecom"),
        ({"channels": {"dingtalk": {"url_env": "WENFENG_X"}}}, r"channels\.dingtalk: .*WENFENG_X is not set"),
        ({"channels": {"a": {"kind": 7}}}, r"channels\.a: no kind of channel"),
        ({"channels": {"smtp": {"host": "127.0.0.1", "tls": "none", "port": 0}}}, r"channels\.smtp\.port"),
        ({"channels": {"smtp": LOCAL | {"hots": 1}}}, r"channels\.smtp\.hots: unknown key"),
        ({"channels": {"folder": {}}}, r"channels\.folder\.path"),
        ({"channels": {"folder": "var/letters"}}, r"channels\.folder: write the channel's keys below its name"),
        ({"channels": {"folder": {"path": "x", "medium": "fax"}}}, r"channels\.folder\.medium"),
        ({"channels": {"folder": {"path": "x", "limit": 10}}}, r"channels\.folder\.limit"),
        ({"channels": {"A b": {"kind": "folder", "path": "x"}}}, r"channels"),
        ({"channels": ["smtp"]}, r"channels"),
        ({"channels": {}}, r"give smtp or folder, or channels"),
        ({"channels": {"folder": {"path": "x"}}, "smtp": LOCAL}, r"smtp and folder belong below it"),
        ({"smtp": {"host": "mail.linjiang.cn", "username": "u"}}, r"smtp: .*username and password"),
        ({"smtp": {"host": "mail.linjiang.cn", "port": 70_000}}, r"smtp\.port"),
        ({"smtp": "mail.linjiang.cn"}, r"smtp: "),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, **({"folder": None} | changes))


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"email": "a@linjiang.cn", "addresses": {"wecom": "x"}}, r"zhang_min\.addresses\.wecom: no channel 'wecom'"),
        ({"addresses": {"folder": "nobody"}}, r"people\.zhang_min\.addresses\.folder: no address for this channel"),
        ({}, r"people\.zhang_min: no address for any channel"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_refused_at_start(tmp_path: Path, person: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, people=people(**person))


def test_a_password_is_read_from_the_environment_also_below_channels(tmp_path: Path) -> None:
    relay = {"kind": "smtp", "host": "mail.linjiang.cn", "username": "u", "password_env": "WENFENG_SMTP"}
    config = read(tmp_path, {"WENFENG_SMTP": "geheim"}, folder=None, channels={"relay": relay})
    smtp = config.in_use["relay"]
    assert isinstance(smtp, SmtpConfig)
    assert smtp.password is not None
    assert smtp.password.get_secret_value() == "geheim"
    assert "geheim" not in repr(config)
    with pytest.raises(ConfigError, match=r"channels\.relay: .*WENFENG_SMTP is not set"):
        read(tmp_path, folder=None, channels={"relay": relay})


def test_every_kind_of_the_table_is_found_by_its_configuration() -> None:
    assert kind_of(FolderConfig(path=Path("x"))) is KINDS["folder"]
    assert kind_of(SmtpConfig(host="127.0.0.1", tls="none")) is KINDS["smtp"]


def test_robots_reach_those_who_have_an_address_there(tmp_path: Path) -> None:
    environ = {
        "WENFENG_WECOM": "https://qyapi.weixin.qq.com/send?key=geheim-1",
        "WENFENG_KEY": "geheim-2",
    }
    channels = {
        "smtp": LOCAL,
        "wecom": {"url_env": "WENFENG_WECOM"},
        "duty": {"kind": "webhook", "url_env": "WENFENG_WECOM", "secret_env": "WENFENG_KEY", "limit": 900},
    }
    who = people(email="z@linjiang.cn", addresses={"wecom": "zhangmin", "duty": "工号/7"})
    config = read(tmp_path, environ, folder=None, channels=channels, people=who)
    assert config.routing.routes("zhang_min") == (
        Route("smtp", "z@linjiang.cn", MAIL),
        Route("wecom", "zhangmin", Form(Medium.MARKDOWN, 4_000, 4_016)),
        Route("duty", "工号/7", Form(Medium.TEXT, 900)),
    )
    assert [route.channel for route in config.routing.routes("li_qiang")] == ["smtp"]
    assert [one.name for one in open_channels(config.in_use, config.routing.letterhead)] == ["smtp", "wecom", "duty"]
    assert "geheim" not in repr(config)
    who = people(email="z@linjiang.cn", addresses={"wecom": "<@all>"})
    with pytest.raises(ConfigError, match=r"people\.zhang_min\.addresses\.wecom"):
        read(tmp_path, environ, folder=None, channels=channels, people=who)


def test_robots_of_every_kind_are_opened_by_their_configuration() -> None:
    environ = {"WENFENG_URL": "https://a.example.cn/x?key=1", "WENFENG_SECRET": "s"}
    for name in ("wecom", "dingtalk", "feishu", "webhook"):
        raw = {"url_env": "WENFENG_URL"} | ({} if name == "wecom" else {"secret_env": "WENFENG_SECRET"})
        config = TypeAdapter(KINDS[name].configuration).validate_python(raw, context=environ)
        assert kind_of(config) is KINDS[name]
        assert open_channels({"mine": config}, HEAD)[0].name == "mine"
