import pytest

from crawlers.pages.answers import fragment
from crawlers.pages.discuz.comments import comments, has_more

NAME = '<a href="home.php?mod=space&amp;uid=8" class="xi2 xw1">李四</a>'
WHEN = '<span class="xg1">发表于 <span title="2026-11-27 12:00:00">昨天</span></span>'


@pytest.mark.parametrize(
    "comment",
    [
        f'<div class="psta"><a href="home.php?mod=space&amp;uid=8" c="1"><img></a> {NAME}</div>'
        f'<div class="psti">这事我也遇到了&nbsp;{WHEN}</div>',
        f'<div class="psta"><a href="home.php?mod=space&amp;uid=8" c="1"><img></a></div>'
        f'<div class="psti">{NAME}&nbsp;这事我也遇到了&nbsp;{WHEN}</div>',  # X2
    ],
)
def test_a_comments_writer_stands_beside_its_words_or_before_them_and_not_among_them(comment: str) -> None:
    (one,) = comments(fragment(f'<div class="pstl xs1">{comment}</div>'))
    assert (one.author, one.text, one.told_time) == ("8", "这事我也遇到了", "2026-11-27 12:00:00")


def test_a_member_whom_a_comment_mentions_is_not_its_writer() -> None:
    (one,) = comments(fragment(f'<div class="pstl"><div class="psta"></div><div class="psti">问 {NAME} 去</div></div>'))
    assert (one.author, one.text, one.told_time) == (None, "问 李四 去", "")


def test_a_time_is_told_whatever_else_has_a_title_beside_it() -> None:
    when = '<span class="xg1">发表于 2026-11-27 12:00<span title="江苏">IP属地</span></span>'
    (one,) = comments(fragment(f'<div class="pstl"><div class="psta"></div><div class="psti">顶 {when}</div></div>'))
    assert one.told_time == "发表于 2026-11-27 12:00"


def test_a_post_without_comments_has_no_more_of_them() -> None:
    assert (comments(fragment("")), has_more(fragment(""))) == ([], False)
