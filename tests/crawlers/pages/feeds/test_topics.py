import pytest

from crawlers.pages.feeds.topics import Topic, names_no_board, topic_of


@pytest.mark.parametrize(
    ("link", "key", "is_reply"),
    [
        ("http://h/topic/91/十里铺", "http://h/topic/91", False),
        ("http://h/topic/91/slug/3", "http://h/topic/91", True),
        ("http://h/topic/91/slug/1", "http://h/topic/91", False),
        ("https://h/t/slug/12/3", "https://h/t/slug/12", True),
        ("https://h/t/12?u=1", "https://h/t/12", False),
        ("https://h/d/12-slug/4", "https://h/d/12", True),
        ("https://h/showthread.php?tid=3&pid=9#pid9", "https://h/showthread.php?tid=3", True),
        ("https://h/viewtopic.php?f=2&t=3&p=9#p9", "https://h/viewtopic.php?f=2&t=3", True),
        ("https://h/forum.php?mod=viewthread&tid=9&extra=1", "https://h/forum.php?mod=viewthread&tid=9", False),
        ("https://h/thread-9-1-1.html", "https://h/thread-9", False),
    ],
)
def test_an_address_of_a_forum_names_its_topic(link: str, key: str, is_reply: bool) -> None:
    assert topic_of(link, "停电") == Topic(key, is_reply)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("停电与抢修 • 十里铺停电", Topic("http://h/#停电与抢修/十里铺停电", False, "停电与抢修", "十里铺停电")),
        ("停电与抢修 • Re: 十里铺停电", Topic("http://h/#停电与抢修/十里铺停电", True, "停电与抢修", "十里铺停电")),
        ("十里铺停电", Topic("http://h/#/十里铺停电", False, "", "十里铺停电")),
        ("Re: ", None),
        ("", None),
    ],
)
def test_posts_whose_address_tells_no_topic_meet_in_their_subject(title: str, topic: Topic | None) -> None:
    assert topic_of("http://h/viewtopic.php?p=3#p3", title) == topic


def test_a_post_of_nodebb_is_a_reply_whatever_its_title_says() -> None:
    assert topic_of("http://h/post/9", "停电") == Topic("http://h/#/停电", True, "", "停电")


@pytest.mark.parametrize(
    "link", ["", "https://h/2026/11/a.html", "https://h/topics/1", "https://h/d/12.html", "post/x"]
)
def test_any_other_address_names_no_topic(link: str) -> None:
    assert topic_of(link, "停电") is None


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("Recent Posts", True),
        ("Recently Active Topics", True),
        ("最新帖子", True),
        ("停电与抢修", False),
        ("", False),
        ("Allgemeines", False),
    ],
)
def test_a_feed_of_all_boards_names_none(title: str, whole: bool) -> None:
    assert names_no_board(title) is whole


def test_a_posts_address_that_no_browser_reads_names_no_topic() -> None:
    assert topic_of("http://[/viewtopic.php?p=3", "停电") is None
    assert topic_of("http://h/viewtopic.php?p=3&" + "x" * 2083, "停电") is None


def test_a_topic_of_one_subject_on_two_hosts_or_two_boards_is_two() -> None:
    keys = {
        topic_of(f"http://{host}/viewtopic.php?p={number}", title)
        for host, number, title in [
            ("h", 1, "甲 • 停电"),
            ("h", 2, "乙 • 停电"),
            ("g", 3, "甲 • 停电"),
            ("h", 4, "甲 • 停电"),
        ]
    }
    assert len(keys) == 3


@pytest.mark.parametrize("sign", ["Re:", "RE: ", "回复：", "回覆: ", "答复："])
def test_a_reply_is_told_by_its_subject_in_whatever_language(sign: str) -> None:
    assert topic_of("http://h/viewtopic.php?p=3", f"{sign}停电") == Topic("http://h/#/停电", True, "", "停电")
