"""A link out of the house says where it leads, and leads nowhere else."""

from dataclasses import replace

import pytest

from stream.index.sqlite.posts import SqliteIndexWriter
from tests.alerts.conftest import NOW, Write
from tests.alerts.console.conftest import SignIn


def test_the_page_names_the_site_and_the_address_and_asks_to_go(
    signed_in: SignIn, index: SqliteIndexWriter, write: Write
) -> None:
    post = write(7, url="https://bbs.example.com/p/7?a=1&b=2")
    index.put([post])
    page = signed_in("zhang_min").get(f"/out?post={post.id}").text
    assert "<h1>外部链接</h1>" in page
    assert "https://bbs.example.com/p/7?a=1&amp;b=2" in page
    assert 'rel="noreferrer noopener nofollow"' in page
    assert '<bdi class="host">bbs.example.com</bdi>' in page


def test_who_stands_before_the_at_is_not_taken_for_the_site(
    signed_in: SignIn, index: SqliteIndexWriter, write: Write
) -> None:
    post = write(8, url="https://www.95598.cn@evil.example/login")
    index.put([post])
    page = signed_in("zhang_min").get(f"/out?post={post.id}").text
    assert '<bdi class="host">evil.example</bdi>' in page


def test_a_post_that_is_gone_is_said_to_be(signed_in: SignIn, index: SqliteIndexWriter, write: Write) -> None:
    post = write(9, deleted_at=NOW)
    index.put([post])
    assert "已不在源站" in signed_in("zhang_min").get(f"/out?post={post.id}").text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "https://", "http://[x/", ""])
def test_what_is_no_address_of_the_web_is_no_link(
    signed_in: SignIn, index: SqliteIndexWriter, write: Write, url: str
) -> None:
    post = replace(write(10), url=url)
    index.put([post])
    answer = signed_in("zhang_min").get(f"/out?post={post.id}")
    assert answer.status_code == 404
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("asked", ["", "?post=", "?post=x", "?post=https://evil.example", "?url=https://evil.example"])
def test_only_posts_that_the_index_has_are_led_to(signed_in: SignIn, asked: str) -> None:
    answer = signed_in("zhang_min").get(f"/out{asked}")
    assert answer.status_code == 404
    assert "evil.example" not in answer.text.split("<main")[1]
