"""An owner's no holds for a host with its sub-domains, or for an address with what lies below, and for nothing else."""

import pytest

from crawlers.optouts import refused_by


@pytest.mark.parametrize(
    ("entry", "url", "refused"),
    [
        ("corp.cn", "https://corp.cn/", True),
        ("corp.cn", "https://BBS.corp.cn/forum.php?mod=x", True),
        ("bbs.corp.cn", "https://corp.cn/", False),
        ("corp.cn", "https://notcorp.cn/", False),
        ("corp.cn/blog", "https://corp.cn/blog/1", True),
        ("corp.cn/blog", "https://corp.cn/blogs", False),
        ("https://corp.cn/blog/", "https://corp.cn/blog/1?page=2", True),
        ("https://corp.cn/blog/", "https://corp.cn/", False),
        ("https://corp.cn/", "https://bbs.corp.cn/", False),
        ("https://corp.cn", "http://corp.cn:8080/a", True),
    ],
)
def test_an_entry_holds_for_what_it_names(entry: str, url: str, refused: bool) -> None:
    assert (refused_by(["other.example.com", entry], url) == entry) is refused


def test_nothing_is_refused_by_an_empty_list() -> None:
    assert refused_by((), "https://corp.cn/") is None
