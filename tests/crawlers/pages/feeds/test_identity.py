from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.feeds.identity import Likeness, one_post, plain, renamed, same_words, spellings

SIX, SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC), datetime(2026, 11, 19, 7, tzinfo=UTC)
OUTAGE, RELIEF = "柳树镇今天上午突然停电，电工说要等到下午三点", "校门口的充电桩又坏了两台，物业没有人来看"


@pytest.mark.parametrize(
    ("guid", "kept"),
    [
        ("http://News.Example.com:80/a", "http://news.example.com/a"),
        ("https://a.cn/x?t=1764296400&id=3", "https://a.cn/x?id=3"),
        ("https://a.cn/x?rand=0.83719203718", "https://a.cn/x"),
        ("https://a.cn/x?id=1764296400", "https://a.cn/x?id=1764296400"),
        ("https://a.cn/x?utm_source=rss&p=3", "https://a.cn/x?p=3"),
        ("https://a.cn/x?t=15", "https://a.cn/x?t=15"),
        ("https://a.cn/?p=93", "https://a.cn/?p=93"),
        ("https://a.cn/x?a=%E4&b", "https://a.cn/x?a=%E4&b"),
        ("tag:a.cn,2026:1", "tag:a.cn,2026:1"),
        ("B1", "B1"),
        ("http://[bad", "http://[bad"),
        ("https://a.cn:99999/", "https://a.cn:99999/"),
    ],
)
def test_an_id_is_written_without_what_changes(guid: str, kept: str) -> None:
    assert plain(guid) == kept


def test_an_address_may_have_been_written_with_the_other_scheme() -> None:
    assert spellings("http://A.cn/1") == ("http://A.cn/1", "http://a.cn/1", "https://a.cn/1")
    assert spellings("https://a.cn/1") == ("https://a.cn/1", "http://a.cn/1")
    assert spellings("b1") == ("b1",)


@given(st.text(max_size=30) | st.text(max_size=20).map("https://a.cn/".__add__))
def test_a_plain_id_stays_plain_and_is_among_its_spellings(guid: str) -> None:
    assert plain(plain(guid)) == plain(guid)
    assert plain(guid) in spellings(guid)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (OUTAGE, OUTAGE + "。更正：四点", True),
        (OUTAGE, OUTAGE[:12], True),
        (OUTAGE, RELIEF, False),
        ("停电", OUTAGE, False),
        ("停电", "停电！", True),
        ("", "", True),
        ("", OUTAGE, False),
    ],
)
def test_an_edit_keeps_most_of_its_words(one: str, other: str, alike: bool) -> None:
    assert same_words(one, other) is alike
    assert same_words(other, one) is alike


def likeness(
    text: str, published_at: datetime | None = SIX, title: str = "停电", url: str = "https://a.cn/1"
) -> Likeness:
    return Likeness(url, title, text, published_at)


@pytest.mark.parametrize(
    ("known", "shown", "one"),
    [
        (likeness(OUTAGE), likeness(OUTAGE + "。", SEVEN), True),  # dated anew by its edit
        (likeness(OUTAGE), likeness(RELIEF), True),  # written anew, its time stayed
        (likeness(OUTAGE), likeness(RELIEF, SEVEN), False),  # the last reply of a topic
        (likeness(OUTAGE, None), likeness(RELIEF, None), True),  # nothing but the title tells
        (likeness(OUTAGE, None), likeness(RELIEF, None, title="充电"), False),  # one id for all entries
        (likeness(OUTAGE, None), likeness(RELIEF), False),
        (likeness("", None, title="先"), likeness("", None, title="后"), False),
    ],
)
def test_an_entry_of_a_known_id_is_its_post_or_another(known: Likeness, shown: Likeness, one: bool) -> None:
    assert one_post(known, shown) is one


@pytest.mark.parametrize(
    ("shown", "one", "together"),
    [
        (likeness(OUTAGE + "。", url="http://A.cn/1"), True, True),  # the same page
        (likeness(OUTAGE + "。", url="https://a.cn/2"), True, False),  # its address follows its title, the time stayed
        (likeness(OUTAGE + "。", SEVEN, url="https://a.cn/2"), False, False),  # another notice in the same words
        (likeness(OUTAGE, url="https://a.cn/2"), True, True),
        (likeness(RELIEF, url="https://a.cn/2"), False, False),
        (likeness(OUTAGE, None, url="https://a.cn/2"), False, True),
        (likeness(OUTAGE + "。", SEVEN, url=""), True, False),  # the same wording a day later, in one list
        (likeness(OUTAGE, SEVEN, url=""), True, True),
    ],
)
def test_notices_that_are_alike_are_told_apart_by_address_and_time(shown: Likeness, one: bool, together: bool) -> None:
    assert one_post(likeness(OUTAGE), shown) is one
    assert one_post(likeness(OUTAGE), shown, together=True) is together


def test_a_post_whose_id_changed_is_known_by_all_the_rest() -> None:
    known = [("entry:1", likeness(RELIEF)), ("entry:2", likeness(OUTAGE))]
    assert renamed(known, likeness(OUTAGE)) == "entry:2"
    assert renamed(known, likeness(OUTAGE, SEVEN)) is None
    assert renamed([("entry:1", likeness(OUTAGE, url=""))], likeness(OUTAGE, url="")) is None
