"""A search is kept under a name, opened again by one touch, and removed; each person's own."""

from urllib.parse import urlencode

import pytest

from alerts.console.door import Premises
from alerts.console.searches import saved_searches
from tests.alerts.console.conftest import Browser, SignIn

ASKED = f"/search?{urlencode({'q': '停电 OR 没电', 'span': '24h', 'label': 'negative'})}"


def kept(premises: Premises, person: str = "zhang_min") -> list[str]:
    return [one.name for one in saved_searches(premises.context.engine, person)]


def test_a_search_is_saved_and_opened_again(signed_in: SignIn, premises: Premises) -> None:
    browser = signed_in("zhang_min")
    answer = browser.post("/search/save", at=ASKED, name=" 停电诉求 ")
    assert (answer.status_code, answer.headers["location"]) == (303, ASKED)
    page = browser.get("/search").text
    assert "已保存检索「停电诉求」" in page
    link = page.split('">停电诉求</a>')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    assert link == ASKED
    assert kept(premises, "li_qiang") == []


def test_without_a_name_it_is_asked_for_and_the_search_stays(signed_in: SignIn, premises: Premises) -> None:
    answer = signed_in("zhang_min").post("/search/save", at=ASKED, name=" ")
    assert answer.status_code == 409
    assert "请给这个检索起个名字" in answer.text
    assert 'value="停电 OR 没电"' in answer.text
    assert kept(premises) == []


@pytest.mark.parametrize("asked", ["topic=gone", "q=停*", "span=x", "q=" + "x" * 9000])
def test_a_search_that_means_nothing_is_not_kept(signed_in: SignIn, premises: Premises, asked: str) -> None:
    answer = signed_in("zhang_min").post("/search/save", at=ASKED, asked=asked, name="坏的")
    assert answer.status_code == 409
    assert kept(premises) == []


def test_it_is_removed_once_and_by_its_own_person(signed_in: SignIn, premises: Premises) -> None:
    browser, other = signed_in("zhang_min"), signed_in("li_qiang")
    browser.post("/search/save", at=ASKED, name="停电")
    other.post("/search/save", at=ASKED, name="他的")
    (mine,) = saved_searches(premises.context.engine, "zhang_min")
    door = f"/search/saved/{mine.id}/forget"
    token = other.form("/search", "/forget")["form_token"]
    assert other.send(door, {"form_token": token}).status_code == 409
    assert browser.get(door).status_code == 405
    assert kept(premises) == ["停电"]
    form = browser.form("/search", door)
    assert browser.send(door, form).status_code == 303
    assert "已删除检索「停电」" in browser.get("/search").text
    assert kept(premises) == []
    assert browser.send(door, form).status_code == 409


def test_a_name_with_a_script_is_only_a_name(signed_in: SignIn) -> None:
    browser: Browser = signed_in("zhang_min")
    browser.post("/search/save", at=ASKED, name="<script>x</script>")
    page = browser.get("/search").text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
