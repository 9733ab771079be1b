"""How public accounts and sites are described: what is needed, what is refused and with which words."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from crawlers.config import CrawlersConfig
from crawlers.pull.sites.mastodon_source import MastodonSource
from crawlers.pull.sites.site_source import SiteSource
from crawlers.pull.sites.wechat_source import WechatSource
from crawlers.pull.sites.weibo_source import WeiboSource
from crawlers.source import PulledSource
from stream.errors import ConfigError
from stream.process.configuration import Configuration

ALL = {"site": "one", "basis": "public, and our own", "cron": "*/20 * * * *"}
SITE = ALL | {"software": "site", "url": "https://www.paper.cn/"}
WECHAT = ALL | {"software": "wechat", "url": "https://rss.corp.cn/feeds/MP_WXS_1.atom"}
WEIBO = ALL | {"software": "weibo", "account": "1234567890"}
MASTODON = ALL | {"software": "mastodon", "url": "https://m.corp.cn/", "accounts": ["us"]}


@pytest.fixture
def token(tmp_path: Path) -> dict[str, str]:
    return {"token_file": secret(tmp_path / "token", "2.00abc")}


def secret(path: Path, words: str) -> str:
    path.touch(mode=0o600)
    path.write_text(words, "utf-8")
    return str(path)


def read(folder: Path, source: dict[str, Any]) -> PulledSource:
    whole = {
        "contact": "ops@corp.cn",
        "voice_key_file": secret(folder / "voice.key", "secret"),
        "sources": {"one": source},
    }
    (folder / "crawlers.yml").write_text(safe_dump(whole), "utf-8")
    return Configuration(folder).add("crawlers.yml", CrawlersConfig)().pulled["one"]


def test_each_kind_needs_little_and_has_its_defaults(tmp_path: Path, token: dict[str, str]) -> None:
    site, wechat = read(tmp_path, SITE), read(tmp_path, WECHAT)
    weibo, mastodon = read(tmp_path, WEIBO | token), read(tmp_path, MASTODON)
    assert isinstance(site, SiteSource)
    assert (site.sitemaps, site.paths, site.since, site.pages) == ((), (), timedelta(days=30), 500)
    assert isinstance(wechat, WechatSource)
    assert wechat.articles == 40
    assert isinstance(weibo, WeiboSource)
    assert (weibo.url, weibo.host) == ("https://api.weibo.com/2/", "api.weibo.com")
    assert isinstance(mastodon, MastodonSource)
    assert (mastodon.accounts, mastodon.token) == (("us",), None)


def test_only_wechat_declares_a_further_host_and_only_where_it_reads_articles(
    tmp_path: Path, token: dict[str, str]
) -> None:
    assert read(tmp_path, WECHAT).hosts == {"mp.weixin.qq.com"}
    assert read(tmp_path, WECHAT | {"articles": 0}).hosts == frozenset()
    for source in (SITE, WEIBO | token, MASTODON):
        assert read(tmp_path, source).hosts == frozenset()


def test_a_token_is_never_shown(tmp_path: Path, token: dict[str, str]) -> None:
    source = read(tmp_path, WEIBO | token)
    assert isinstance(source, WeiboSource)
    assert source.token.get_secret_value() == "2.00abc"
    assert "2.00abc" not in repr(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SITE | {"sitemaps": ["https://other.cn/sitemap.xml"]}, "sitemaps must be on the host of url"),
        (SITE | {"paths": ["news/"]}, "is no path: write how addresses begin behind the host"),
        (SITE | {"since": "30"}, "is no duration"),
        (WECHAT | {"url": "https://mp.weixin.qq.com/s/x"}, "url must be a feed of your own bridge"),
        (WECHAT | {"feeds": ["https://other.cn/feeds/2.atom"]}, "feeds must be on the host of url"),
        (WECHAT | {"hosts": ["evil.cn"]}, "hosts: unknown key"),
        (WEIBO, "one.token: missing: write token_file: PATH or token_env"),
        (WEIBO | {"token": "2.00abc"}, "token must not be written here"),
        (WEIBO | {"account": 1234567890, "token_env": "WENFENG_TOKEN"}, "WENFENG_TOKEN is not set"),
        (MASTODON | {"accounts": []}, "write accounts: or hashtags:, or there is nothing to read"),
        (MASTODON | {"hashtags": ["#停电"]}, "hashtags"),
        (MASTODON | {"accounts": ["@us"]}, "accounts"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(tmp_path: Path, source: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, source)
    assert words in str(caught.value)
    assert "sources.one" in str(caught.value)


def test_the_folder_of_the_api_ends_with_a_slash_and_accounts_are_numbers(
    tmp_path: Path, token: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match="ends with a slash"):
        read(tmp_path, WEIBO | token | {"url": "https://api.weibo.com/2"})
    with pytest.raises(ConfigError, match=r"sources\.one\.account"):
        read(tmp_path, WEIBO | token | {"account": "临江供电"})
    with pytest.raises(ConfigError, match="the number of the account, in quotes"):
        read(tmp_path, ALL | {"software": "weibo"} | token)
    with pytest.raises(ConfigError, match="ASCII"):
        read(tmp_path, WEIBO | {"token_file": secret(tmp_path / "wide", "令牌")})


def test_the_shipped_examples_hold_when_their_comments_are_taken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENFENG_VOICE", "secret")
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("a" * 43, "utf-8")
    shipped = Path("configs/crawlers.yml").read_text("utf-8")
    shown = "\n".join(line[1:] if line.startswith("#  ") else line for line in shipped.splitlines())
    shown = shown.replace("sources: {}", "sources:").replace("ops@example.com", "ops@corp.cn")
    shown = shown.replace("voice_key_file: var/voice.key", "voice_key_env: WENFENG_VOICE")
    shown = re.sub(r"(_file:) var/\S+", rf"\1 {secret}", shown) + "\nreception: {listen: 127.0.0.1:8430}\n"
    (tmp_path / "crawlers.yml").write_text(shown, "utf-8")
    sources = Configuration(tmp_path).add("crawlers.yml", CrawlersConfig)().sources
    assert {"city-paper", "our-wechat", "our-weibo", "fediverse"} <= sources.keys()
