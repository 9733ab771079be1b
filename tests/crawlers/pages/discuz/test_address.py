import pytest

from crawlers.pages.discuz.address import (
    author_id,
    board_id,
    board_url,
    index_url,
    is_strange,
    post_url,
    thread_id,
    thread_url,
)

HOMES = [
    "http://bbs.invalid",
    "http://bbs.invalid/",
    "http://bbs.invalid/forum.php",
    "http://bbs.invalid/index.php?a=b",
]


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("http://bbs.invalid/forum.php?mod=viewthread&tid=9", "9"),
        ("forum.php?mod=viewthread&tid=9&extra=page%3D1&page=2", "9"),
        ("http://bbs.invalid/thread-9-1-1.html", "9"),
        ("/bbs/thread-9-2.html#pid5", "9"),
        ("forum.php?mod=redirect&goto=findpost&ptid=9&pid=3", None),
        ("http://bbs.invalid/forum-6-1.html", None),
        ("http://bbs.invalid/member.php?mod=logging&action=login", None),
        ("forum.php?tid=9", None),
        ("", None),
        ("xthread-9-1-1.html", None),
    ],
)
def test_an_address_leads_to_a_thread_or_elsewhere(url: str, thread: str | None) -> None:
    assert thread_id(url) == thread


@pytest.mark.parametrize(
    ("href", "board"),
    [
        ("forum.php?mod=forumdisplay&fid=6", "6"),
        ("forum.php?mod=forumdisplay&fid=6&page=1", "6"),
        ("forum-6-1.html", "6"),
        ("forum.php?mod=forumdisplay&fid=6&filter=digest", None),  # the same board, but not all of it
        ("forum.php?mod=forumdisplay&fid=x", None),
        ("forum.php?mod=forumdisplay", None),
        ("thread-6-1-1.html", None),
        ("forum-outage-1.html", "outage"),  # by the name that the owner gave it
        ("https://bbs.invalid/forum-fee_2-3.html", "fee_2"),
        ("forum-停电-1.html", None),
    ],
)
def test_a_link_leads_to_a_whole_board_or_elsewhere(href: str, board: str | None) -> None:
    assert board_id(href) == board


@pytest.mark.parametrize(
    ("href", "board"),
    [
        ("forum-6-1.html", "6"),
        ("http://bbs.invalid/forum-6-1.html", "6"),
        ("https://BBS.invalid:8443/forum-6-1.html", "6"),
        ("//m.bbs.invalid/forum.php?mod=forumdisplay&fid=6&mobile=2", "6"),
        ("http://other.invalid/forum-6-1.html", "6"),
        ("forum.php?mod=forumdisplay&fid=6&page=1#//x", "6"),
        ("https://www.otherbbs.cn/forum-45-1.html", None),
        ("http://dz.invalid/forum.php?mod=forumdisplay&fid=77", None),
        ("//[x/forum-6-1.html", None),
        ("forum-gid-1.html", None),  # a group of boards
    ],
)
def test_a_link_to_another_site_leads_to_no_board_of_this_one(href: str, board: str | None) -> None:
    assert board_id(href, "http://www.bbs.invalid/forum.php", "", "http://other.invalid/") == board


def test_a_group_of_boards_is_no_strange_address() -> None:
    assert not is_strange("forum-gid-1.html", "http://bbs.invalid/")


@pytest.mark.parametrize("home", HOMES)
def test_what_is_asked_for_lies_beside_the_address_in_the_configuration(home: str) -> None:
    assert index_url(home) == "http://bbs.invalid/forum.php"
    assert thread_url(home, "9") == "http://bbs.invalid/forum.php?mod=viewthread&tid=9"
    assert board_url(home, "6", 2).startswith("http://bbs.invalid/forum.php?mod=forumdisplay&fid=6&")


def test_a_forum_in_a_folder_stays_in_it() -> None:
    assert index_url("http://bbs.invalid/bbs/") == "http://bbs.invalid/bbs/forum.php"


@pytest.mark.parametrize("page", [1, 2, 30])
def test_what_an_address_is_made_for_is_what_it_leads_to(page: int) -> None:
    address = thread_url(HOMES[0], "9", page)
    assert thread_id(address) == "9"
    assert ("page=" in address) == (page > 1)
    assert thread_id(post_url(HOMES[0], "9", "3")) is None  # for people, not for the walk


@pytest.mark.parametrize(
    ("href", "author"),
    [
        ("home.php?mod=space&uid=7", "7"),
        ("home.php?mod=space&amp;uid=7&do=profile", "7"),
        ("space-uid-7.html", "7"),
        ("home.php?mod=space&username=甲", None),
        ("", None),
    ],
)
def test_a_link_to_a_member_holds_his_number(href: str, author: str | None) -> None:
    assert author_id(href) == author


def test_a_board_known_by_name_is_asked_for_under_that_name_ordered_by_last_post() -> None:
    home = "http://bbs.invalid/bbs/forum.php"
    order = "?filter=lastpost&orderby=lastpost"
    assert board_url(home, "outage") == f"http://bbs.invalid/bbs/forum-outage-1.html{order}"
    assert board_url(home, "outage", 2) == f"http://bbs.invalid/bbs/forum-outage-2.html{order}"


@pytest.mark.parametrize(
    ("href", "strange"),
    [
        ("/f/3/1", True),
        ("forum-停电-1.html", True),
        ("http://bbs.invalid/board/3.html", True),
        ("http://elsewhere.invalid/f/3/1", False),
        ("home.php?mod=space&uid=3", False),
        ("forum.php?gid=1", False),
        ("thread-9-1-1.html", False),
        ("space-uid-7.html", False),
        ("javascript:;", False),
        ("mailto:a@bbs.invalid", False),
        ("http://[bbs", False),
        ("/", False),
        ("#top", False),
    ],
)
def test_an_address_that_no_discuz_has_by_itself_is_strange(href: str, strange: bool) -> None:
    assert is_strange(href, "http://bbs.invalid/forum.php") is strange
