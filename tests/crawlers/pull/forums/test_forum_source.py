"""What the configuration of a Discuz! forum accepts of its other views, and what it refuses with a sentence."""

from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pull.forums.forum_source import DiscuzSource
from tests.crawlers.pull.kiosk import KioskForum

COMMON: dict[str, Any] = {"site": "bbs", "basis": "a test of ours", "url": "https://bbs.corp.cn/forum.php"}


@pytest.mark.parametrize("views", [(), ("archiver",), ("archiver", "mobile")])
def test_the_views_that_are_named_are_tried_in_that_order(views: tuple[str, ...]) -> None:
    source = DiscuzSource(**COMMON, views=views)
    told = source.tell(DiscuzForum(source.url))
    assert isinstance(told, DiscuzForum)
    assert list(told.plainer_lists()) == list(views)
    assert list(told.plainer_threads()) == [view for view in views if view == "mobile"]


def test_by_default_every_other_view_is_tried_and_the_owners_encoding_is_theirs_too() -> None:
    source = DiscuzSource(**COMMON, encoding="gbk")
    told = source.tell(DiscuzForum(source.url, source.encoding))
    assert told == DiscuzForum(source.url, "gbk")
    assert isinstance(told, DiscuzForum)
    assert {getattr(view, "encoding", None) for view in told.plainer_lists().values()} == {"gbk"}


def test_a_reader_of_other_software_is_left_as_it_is() -> None:
    kiosk = KioskForum("https://bbs.corp.cn/", None)
    assert DiscuzSource(**COMMON).tell(kiosk) is kiosk


@pytest.mark.parametrize(
    ("views", "words"), [(("mobile", "mobile"), "name each view once"), (("desktop",), "'mobile' or 'archiver'")]
)
def test_a_view_that_is_none_or_comes_twice_is_refused(views: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DiscuzSource(**COMMON, views=views)
