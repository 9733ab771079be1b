"""大屏: large, without acts, and fresh by itself."""

from tests.alerts.console.conftest import SignIn


def test_the_wall_shows_cases_and_topics_and_offers_no_act(signed_in: SignIn, opened: int) -> None:
    browser = signed_in("zhang_min")
    page, rows = browser.get("/wall").text, browser.get("/wall/rows").text
    assert '<body class="wall">' in page
    assert '<meta http-equiv="refresh" content="300">' in page
    assert 'data-refresh="/wall/rows"' in page
    assert "听说好几个小区停电三天没人管" in rows
    assert "停电抢修" in rows
    assert "<form" not in rows
    assert "轮到我" not in rows
    assert rows.strip() in page
