import pytest

from crawlers.pages.feeds.footers import without_footer

LINK = '<p><a href="https://d.corp.cn/t/1">{}</a></p>'


@pytest.mark.parametrize(
    "footer",
    [
        "<p>3 posts - 2 participants</p>" + LINK.format("Read full topic"),
        "<p><small>1 post - 1 participant</small></p>\n" + LINK.format("Read full topic") + "\n",
        "<p><small>3 个帖子 - 2 位参与者</small></p>" + LINK.format("阅读完整话题"),
        "<p>1,052 Beiträge - 31 Teilnehmer</p>" + LINK.format("Das ganze Thema lesen"),
        LINK.format("Read full topic"),
    ],
)
def test_a_count_and_a_link_below_the_words_are_the_softwares(footer: str) -> None:
    assert without_footer(f"<p>同意</p>{footer}") == "<p>同意</p>"


@pytest.mark.parametrize(
    "markup",
    [
        "<p>同意</p>" + LINK.format("公告原文"),
        "<p>3 posts - 2 participants</p><p>同意</p>",
        "<p>停水 3 天 - 投诉 2 次</p><p>没人管</p>",
        LINK.format("Read full topic") + "<p>同意</p>",
        "同意",
        "",
    ],
)
def test_a_writers_own_link_or_numbers_stay(markup: str) -> None:
    assert without_footer(markup) == markup
