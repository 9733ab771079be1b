"""What the configurations of forums of other software accept, and what they refuse with a sentence."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from crawlers.kinds import KINDS
from crawlers.pages.mybb.forum import MybbForum
from crawlers.pages.v2ex.forum import V2exForum
from crawlers.pull.forums.board_sources import MybbSource, V2exSource
from crawlers.pull.forums.forum_source import Boards, ForumSource

COMMON = {"site": "bbs", "basis": "a test of ours", "url": "https://bbs.corp.cn/"}
NODES = Boards(allow=("shanghai",))


@pytest.mark.parametrize(
    ("software", "told", "words"),
    [
        ("mybb", {"zone": "Mars/Olympus"}, "is no zone"),
        ("mybb", {"date_order": "ymd"}, "'mdy' or 'dmy'"),
        ("nodebb", {"encoding": "gbk"}, "UTF-8 by definition"),
        ("discourse", {"encoding": "gbk"}, "UTF-8 by definition"),
        ("flarum", {"boards": NODES}, "one list of all discussions"),
        ("v2ex", {}, "name the nodes to read"),
        ("v2ex", {"boards": NODES, "delay": timedelta(seconds=1)}, "120 calls an hour"),
        ("v2ex", {"boards": NODES, "pages": 3}, "one page of a node"),
    ],
)
def test_a_setting_that_would_not_act_is_refused(software: str, told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        KINDS[software].source(**COMMON, **told)


@pytest.mark.parametrize("software", ["nodebb", "phpbb", "mybb", "discourse", "flarum"])
def test_a_site_a_basis_and_an_address_are_enough(software: str) -> None:
    source = KINDS[software].source(**COMMON)
    assert isinstance(source, ForumSource)
    reader = KINDS[software].given["software"](source.url, source.encoding)
    assert source.tell(reader) == reader


def test_a_board_that_writes_its_own_times_is_read_in_its_own_zone_and_order() -> None:
    told = MybbSource(**COMMON, zone="UTC", date_order="dmy").tell(MybbForum("https://bbs.corp.cn/"))
    assert told == MybbForum("https://bbs.corp.cn/", zone=ZoneInfo("UTC"), date_order="dmy")


def test_v2ex_is_asked_for_the_named_nodes_twice_a_minute() -> None:
    source = V2exSource(**COMMON, boards=NODES)
    assert source.tell(V2exForum(source.url)) == V2exForum(source.url, nodes=("shanghai",))
    assert source.delay == timedelta(seconds=30)
