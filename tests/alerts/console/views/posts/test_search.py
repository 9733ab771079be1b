"""检索: asked by name, answered with what was understood; strangers' words do no harm; an index away is told."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Counts, Label, ScoredPost
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn

Write = Callable[..., ScoredPost]


def address(**asked: str) -> str:
    return f"/search?{urlencode(asked)}"


@pytest.fixture
def said(index: SqliteIndexWriter, write: Write) -> ScoredPost:
    post = write(1, "小区停电三天", title="求助", board="民生", floor=3, counts=Counts(replies=7))
    index.put([post, write(2, "充电桩坏了", label=Label.NEUTRAL, at=NOW - timedelta(days=10))])
    return post


@pytest.fixture
def browser(signed_in: SignIn) -> Browser:
    return signed_in("zhang_min")


def test_nothing_is_asked_before_somebody_asks(browser: Browser, said: ScoredPost) -> None:
    page = browser.get("/search").text
    assert 'name="q"' in page
    assert "小区" not in page
    assert "/search/export" not in page


def test_a_hit_has_what_is_needed_to_open_and_to_cite_it(browser: Browser, said: ScoredPost) -> None:
    page = browser.get(address(q="停电")).text
    for words in (
        "<strong>1 条</strong>", "必含“停电”", "近 7 天", "求助", "小区<mark>停电</mark>三天", "2026-09-21 14:02",
        "民生", "3 楼", "回复 7", "停电抢修", "负面", f'href="/out?post={said.id}"', f"<code>{said.id}</code>",
    ):  # fmt: skip
        assert words in page, words
    assert said.url not in page


def test_it_is_narrowed_by_name_and_by_time(browser: Browser, said: ScoredPost) -> None:
    page = browser.get(address(label="neutral", span="30d", source="bbs", topic="outage")).text
    assert "充电桩坏了" in page
    assert "话题：停电抢修" in page
    assert 'value="outage" checked' in page
    assert "小区停电" not in page
    assert "充电桩坏了" not in browser.get(address(label="neutral", span="7d")).text


def test_nothing_found_says_which_part_found_nothing(browser: Browser, said: ScoredPost) -> None:
    page = browser.get(address(q="停电 火星")).text
    assert "“火星” 一条也没有" in page
    wider = browser.get(address(q="充电桩", span="24h")).text
    assert "去掉筛选条件有 1 条" in wider


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"q": "停*"}, "不能代替任意字"),
        ({"q": "title:停电"}, "检索框里不能写"),
        ({"q": "停电", "topic": "gone"}, "没有话题「gone」"),
        ({"q": "停电", "since": "上周"}, "“上周”不是时间"),
        ({"q": "停电", "after": "x"}, "请从第一页看起"),
    ],
)
def test_a_mistake_stands_beside_its_field_and_what_was_typed_is_kept(
    browser: Browser, said: ScoredPost, asked: dict[str, str], words: str
) -> None:
    answer = browser.get(address(**asked))
    assert answer.status_code == 409
    assert words in answer.text
    assert f'value="{asked["q"]}"' in answer.text
    assert "小区" not in answer.text


def test_pages_follow_each_other(browser: Browser, index: SqliteIndexWriter, write: Write) -> None:
    index.put([write(n, f"停电 {n}", at=NOW - timedelta(minutes=n)) for n in range(45)])
    page, seen = address(q="停电", order="negative"), 0
    for _ in range(3):
        answer = browser.get(page).text
        seen += answer.count("<code>")
        if "下一页" not in answer:
            break
        page = answer.split('">下一页')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    assert seen == 45
    assert "第一页" in answer


def test_copies_are_folded_under_the_first(browser: Browser, index: SqliteIndexWriter, write: Write) -> None:
    index.put([write(n, "传言原句", fingerprint="a" * 16) for n in range(4)])
    page = browser.get(address(q="传言")).text
    assert page.count("原句") == 1
    assert "本页另有 3 条同文" in page


def test_a_post_gone_for_long_shows_no_words(browser: Browser, index: SqliteIndexWriter, write: Write) -> None:
    index.put([write(1, "秘密言论", title="秘密标题", deleted_at=NOW - timedelta(days=2))])
    page = browser.get(address(span="all")).text
    assert "秘密" not in page
    assert "正文不再显示" in page
    assert "源站已删" in page


def test_a_post_of_which_only_the_beginning_came_says_so(
    browser: Browser, index: SqliteIndexWriter, write: Write
) -> None:
    index.put([write(1, "今晚检修…", truncated=True), write(2, "明晚检修，请备好照明")])
    assert browser.get(address(q="检修")).text.count("正文不全") == 1


def test_what_strangers_wrote_is_shown_and_does_nothing(
    browser: Browser, index: SqliteIndexWriter, write: Write
) -> None:
    script, turned = "<script>alert(1)</script>", "\u202e"
    hostile = f"停电{script}{turned}=cmd 13812345678 http://evil.example.com/ " + "长" * 100_000
    index.put([write(n, hostile, title=script * 50, board=f"{script}{turned}") for n in range(20)])
    answer = browser.get(address(q="停电", board=script))
    for page in (answer, browser.get(address(q="停电")), browser.get(address(q=script, span=script, topic=script))):
        assert script not in page.text
        assert turned not in page.text
        assert "13812345678" not in page.text
        assert "http://evil" not in page.text
        assert len(page.content) < 100_000


def test_whoever_works_here_may_search(signed_in: SignIn, said: ScoredPost) -> None:
    assert "<strong>1 条</strong>" in signed_in("sun_li").get(address(q="停电")).text


def test_without_the_index_the_form_and_what_was_saved_are_there(away: Browser) -> None:
    page = away.get(address(q="停电"))
    assert page.status_code == 200
    assert "检索结果暂时读不到，请稍后刷新（the index is away）" in page.text
    assert 'value="停电"' in page.text
