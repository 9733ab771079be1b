import pytest

from crawlers.pages.feeds.advertised import advertised

PAGE = """<!doctype html><html><head><title>企业动态</title>
<link rel="Alternate" type="application/rss+xml" title="动态" href="/feed/">
<link rel="alternate" type="application/atom+xml" href=" https://example.com/atom ">
<link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" type="application/rss+xml" href="/x">
</head><body>正文</body></html>"""


def test_the_feeds_that_a_page_names_are_told_once_and_as_whole_addresses() -> None:
    assert advertised(PAGE, "https://example.com/news/") == ("https://example.com/feed/", "https://example.com/atom")


@pytest.mark.parametrize(
    "document", ["", "x", "<", "\x00<html>", "<link rel=alternate type=application/rss+xml href='http://['>"]
)
def test_what_is_no_page_names_none(document: str) -> None:
    assert advertised(document, "https://example.com/") == ()


def test_an_address_that_is_none_hides_no_other_feed_of_the_page() -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in ("http://[", "", "/feed")
    )
    assert "https://example.com/feed" in advertised(f"<head>{links}</head>", "https://example.com/")
    assert not any("[" in one for one in advertised(f"<head>{links}</head>", "https://example.com/"))
