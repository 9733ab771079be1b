from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.pages.wordpress.address import BY_ID, Listing, list_url, root_of


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://a.cn", "https://a.cn/wp-json"),
        ("https://a.cn/", "https://a.cn/wp-json"),
        ("https://a.cn/blog/", "https://a.cn/blog/wp-json"),
        ("https://a.cn/blog/index.php?x=1", "https://a.cn/blog/wp-json"),
        ("https://a.cn/blog/wp-json/wp/v2/posts?page=2", "https://a.cn/blog/wp-json"),
        ("https://a.cn/?rest_route=/wp/v2/posts", "https://a.cn/?rest_route="),
    ],
)
def test_the_interface_is_found_from_any_address_of_the_site(url: str, root: str) -> None:
    assert root_of(url) == root


@pytest.mark.parametrize("root", ["https://a.cn/wp-json", "https://a.cn/?rest_route="])
def test_a_list_is_asked_for_by_page_and_with_what_is_read_alone(root: str) -> None:
    url = list_url(root, Listing.COMMENTS, size=100, number=3, order=BY_ID)
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{root}/wp/v2/comments")
    assert (asked["page"], asked["per_page"], asked["orderby"], asked["order"]) == (["3"], ["100"], ["id"], ["asc"])
    assert "avatar" not in asked["_fields"][0]


def test_posts_are_asked_for_by_their_last_edit_and_comments_as_they_come() -> None:
    assert (Listing.POSTS.latest_first["orderby"], Listing.COMMENTS.latest_first) == ("modified", {})
