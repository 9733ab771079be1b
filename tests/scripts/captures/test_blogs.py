import pytest

from scripts.captures.blogs import without_fields


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/wp-json/wp/v2/posts?per_page=100&page=1&_fields=id,link", "/wp-json/wp/v2/posts?per_page=100&page=1"),
        ("/wp-json/wp/v2/posts?_fields=id&page=2", "/wp-json/wp/v2/posts?page=2"),
        ("/robots.txt", "/robots.txt"),
    ],
)
def test_a_page_is_asked_for_as_it_was_recorded(asked: str, answered: str) -> None:
    assert without_fields(asked) == answered
