from pathlib import Path
from traceback import format_exception

import pytest
from yaml import safe_dump, safe_load

from alerts.config import AlertsConfig, unknown_owners
from stream.errors import ConfigError
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

ENVIRONMENT = {"WENFENG_X": "geheim"}
CONFIGS = Path(__file__).parents[2] / "configs" / "example"


def read(place: Path, **changes: object) -> AlertsConfig:
    raw = safe_load((CONFIGS / "alerts.yml").read_text("utf-8")) | changes
    (place / "alerts.yml").write_text(safe_dump(raw, allow_unicode=True), "utf-8")
    return Configuration(place, ENVIRONMENT).add("alerts.yml", AlertsConfig)()


@pytest.mark.parametrize("folder", [CONFIGS, CONFIGS.parent], ids=["example", "minimum"])
def test_the_shipped_files_fit_together(folder: Path) -> None:
    config = Configuration(folder, {}).add("alerts.yml", AlertsConfig)()
    topics = Configuration(folder, {}).add("topics.yml", TopicsConfig)()
    assert topics.topics
    assert unknown_owners(config, topics) == []


def test_the_example_differs_from_the_minimum_in_organisation_people_desks_and_topics_alone() -> None:
    example, minimum = (safe_load((one / "alerts.yml").read_text("utf-8")) for one in (CONFIGS, CONFIGS.parent))
    assert {key for key in minimum | example if minimum.get(key) != example.get(key)} == {
        "organisation", "people", "desks",
    }  # fmt: skip
    example, minimum = (safe_load((one / "topics.yml").read_text("utf-8")) for one in (CONFIGS, CONFIGS.parent))
    assert {key for key in minimum | example if minimum.get(key) != example.get(key)} == {
        "aliases", "topics", "elsewhere",
    }  # fmt: skip


def test_everything_missing_between_the_parts_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, desks={"publicity": {"name": "值班", "people": ["nobody"]}}, folder=None)
    told = str(caught.value)
    for words in (
        "'nobody'",
        "ladder.desks.verify.1: no such desk (found 'publicity_head')",
        "ladder.may_always.0: no such desk (found 'leaders')",
        "give smtp or folder",
    ):
        assert words in told


def test_a_wrong_address_and_an_unknown_person_are_told_in_one_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(
            tmp_path,
            people={"zhang_min": {"name": "张敏", "email": "zhang.min at corp"}},
            desks={"publicity": {"name": "值班", "people": ["zhang_min", "li_qiang"]}},
        )
    told = str(caught.value)
    assert "alerts.yml: people.zhang_min.email: this is no mail address (found 'zhang.min at corp')" in told
    assert "alerts.yml: desks.publicity.people.1: nobody is called so in people (found 'li_qiang')" in told


def test_no_desk_is_called_like_the_owner_of_a_topic(tmp_path: Path) -> None:
    raw = safe_load((CONFIGS / "alerts.yml").read_text("utf-8"))
    with pytest.raises(ConfigError, match=r"desks\.owner: in the ladder this is the desk of a case's topic"):
        read(tmp_path, desks=raw["desks"] | {"owner": raw["desks"]["publicity"]})


@pytest.mark.parametrize(
    "changes",
    [
        {"people": ["zhang_min"]},
        {"desks": {"publicity": "zhang_min"}},
        {"desks": {"publicity": {"name": "值班", "people": [["zhang_min"], None, {"a": 1}]}}},
        {"ladder": {"desks": {"verify": "publicity"}}},
        {"ladder": "none"},
    ],
)
def test_a_file_of_the_wrong_shape_is_a_mistake_and_no_crash(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, **changes)


RELAY = {"host": "mail.corp.cn"}
REAL = {"name": "张敏", "email": "zhang.min@corp.cn"}


def test_no_mail_goes_to_addresses_that_are_made_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, smtp=RELAY)
    told = str(caught.value)
    assert "sender: wenfeng@example.com is made up, and mail.corp.cn would be given mail for it" in told
    assert told.count("is made up") == 10  # and everybody of the example, each with their key
    assert "people.wu_tao.email: wu.tao@example.com" in told


def test_a_relay_on_this_machine_is_no_exception_unless_it_is_a_mailbox_to_try_with(tmp_path: Path) -> None:
    local = {"host": "127.0.0.1", "tls": "none"}
    with pytest.raises(ConfigError, match="is made up"):
        read(tmp_path, smtp=local)
    assert read(tmp_path, smtp=local | {"made_up": True}).smtp is not None


def test_real_people_may_be_written_to(tmp_path: Path) -> None:
    desks = {key: {"name": "值班", "people": ["zhang_min"]} for key in ("publicity", "publicity_head", "leaders")}
    config = read(tmp_path, smtp=RELAY, sender="wenfeng@corp.cn", people={"zhang_min": REAL}, desks=desks)
    assert list(config.mistakes()) == []


@pytest.mark.parametrize(
    "person",
    [
        {"name": "张敏\r\nBcc: x@y.com", "email": "a@example.com"},
        {"name": "张敏", "email": "a@example.com\r\nRCPT TO:<x@y.com>"},
        {"name": "张敏", "email": "no address"},
    ],
)
def test_names_and_addresses_cannot_carry_headers(tmp_path: Path, person: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, people={"zhang_min": person})


def test_a_missing_limit_and_an_unknown_key_are_refused(tmp_path: Path) -> None:
    raw = safe_load((CONFIGS / "alerts.yml").read_text("utf-8"))
    del raw["ladder"]["limits"]["red"]["verify"]
    with pytest.raises(ConfigError, match=r"limits\.red: verify is missing"):
        read(tmp_path, ladder=raw["ladder"])
    with pytest.raises(ConfigError, match="unknown key"):
        read(tmp_path, ladders={})


def test_fewer_than_three_voices_cannot_be_configured(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="least_authors"):
        read(tmp_path, detector={"least_authors": 2})


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"sender": "wenfeng@linjiang..cn"}, "sender: this is no mail address"),
        ({"sender": ".wenfeng@linjiang.cn"}, "sender: this is no mail address"),
        ({"host": "linjiang..cn"}, "host: this is no host"),
        ({"host": ".linjiang.cn"}, "host: this is no host"),
        ({"host": "linjiang.cn."}, "host: this is no host"),
        ({"host": "a" * 70 + ".cn"}, "host: this is no host"),
        ({"smtp": {"host": "mail..linjiang.cn"}}, "smtp.host: this is no host"),
        ({"smtp": {"host": "mail.linjiang.cn."}}, "smtp.host: this is no host"),
        (
            {"people": {"zhang_min": {"name": "张敏", "email": "zhang..min@linjiang.cn"}}},
            "people.zhang_min.email: this",
        ),
        ({"people": {"zhang_min": {"name": "张敏", "email": "z.@linjiang.cn"}}}, "people.zhang_min.email: this"),
        ({"people": {"": {"name": "张敏", "email": "z@linjiang.cn"}}}, "people."),
        ({"people": {"a\nb": {"name": "张敏", "email": "z@linjiang.cn"}}}, "people.a"),
    ],
)
def test_addresses_and_hosts_that_cannot_be_written_are_told_with_their_key(
    tmp_path: Path, changes: dict[str, object], key: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, **changes)
    assert f"alerts.yml: {key}" in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp": {"host": "mail..linjiang.cn", "username": "u", "password_env": "WENFENG_X"}},
        {"smtp": {"host": "mail.linjiang.cn", "tls": "none", "username": "u", "password_env": "WENFENG_X"}},
        {"smtp": {"host": "mail.linjiang.cn", "password_env": "WENFENG_X"}},
        {"smtp": {"host": "mail.linjiang.cn", "username": "u", "password_env": "WENFENG_X", "hots": 1}},
        {"smtp": {"host": "mail.linjiang.cn", "username": 7, "password_env": "WENFENG_X", "port": 0}},
        {"smtp": None, "folder": None, "channels": {"relay": {
            "kind": "smtp", "host": "a..b", "username": "u", "password_env": "WENFENG_X", "port": "x"}}},
        {"smtp": None, "folder": None, "channels": {"relay": {
            "kind": "smtp", "host": "mail.linjiang.cn", "tls": "none", "username": "u", "password_env": "WENFENG_X"}}},
        {"kibana": "https://me:geheim@kibana.linjiang.cn"},
    ],
)  # fmt: skip
def test_whatever_else_is_wrong_no_secret_shows_in_the_mistakes(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, **changes)
    assert "geheim" not in "".join(format_exception(refused.value))
