import pytest

from crawlers.pages.answers import fragment
from crawlers.pages.discuz.moments import edit_time, told_time

EXACT = '<span title="2026-11-27 11:50:03">昨天&nbsp;11:50</span>'


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("", ""),
        ("发表于 2026-11-27 11:50:03", "发表于 2026-11-27 11:50:03"),
        (f"发表于 {EXACT}", "2026-11-27 11:50:03"),
        (f'<span title="江苏">IP属地</span>{EXACT}', "2026-11-27 11:50:03"),
        (f'{EXACT}<span title="2 级">Lv.2</span>', "2026-11-27 11:50:03"),
        # A title that is no time, beside one.
        ('2026-11-27 11:50<span title="江苏南京"> 江苏</span>', "2026-11-27 11:50"),
        ('发表于 2026-11-27 11:50:03<span title="IP 117.136.0.1">江苏</span>', "发表于 2026-11-27 11:50:03"),
        ('<span title="点击查看">昨天 11:50</span>', "昨天 11:50"),
        ('<span title="">昨天 11:50</span>', "昨天 11:50"),
        # One that means to be a time, and nothing else is one.
        ('发表于 <span title="冬月初五">昨天</span>', "冬月初五"),
        ('<span title="点击查看">冬月初五</span>', "冬月初五"),
    ],
)
def test_a_time_is_a_title_that_is_one_or_the_words_beside_titles_that_are_none(markup: str, told: str) -> None:
    assert told_time(fragment(markup)) == told


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("停电了", ""),
        ('<i class="pstatus"> 本帖最后由 甲 于 2026-11-27 12:00 编辑 </i>停', "2026-11-27 12:00"),
        ('<i class="pstatus"> 本帖最後由 甲於乙 於 2026-11-27 12:00 編輯 </i>停', "2026-11-27 12:00"),
        (f'<i class="pstatus"> 本帖最后由 甲 于 {EXACT} 编辑 </i>停', "2026-11-27 11:50:03"),
        ('<i class="pstatus">本帖最后由 <span title="版主">甲</span> 于 2026-11-27 12:00 编辑</i>', "2026-11-27 12:00"),
        ('<i class="pstatus">This post was last edited by 甲 at 2026-11-27 12:00 </i>', "2026-11-27 12:00"),
        ('<i class="pstatus">本帖被版主移动</i>', ""),
        ("停<br><font>[ 本帖最后由 admin 于 2009-1-1 10:00 编辑 ]</font>", "2009-1-1 10:00"),
        ("[ 本帖最後由 甲 於 2009-1-1 10:00 編輯 ]停[ 本帖最後由 乙 於 2009-1-2 10:00 編輯 ]", "2009-1-2 10:00"),
        ("谁说本帖最后由 admin 于昨天编辑", ""),
    ],
)
def test_an_edit_is_told_by_its_note_or_by_the_words_of_versions_before(markup: str, told: str) -> None:
    assert edit_time(fragment(markup)) == told
