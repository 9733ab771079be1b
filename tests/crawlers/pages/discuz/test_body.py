import pytest

from crawlers.pages.answers import fragment
from crawlers.pages.discuz.body import attached, quoted, words_of

TO_21 = '<a href="forum.php?mod=redirect&amp;goto=findpost&amp;pid=21&amp;ptid=9">{}</a>'


def own(markup: str) -> str:
    cell = fragment(markup)
    return words_of(cell, cell, first=False)


@pytest.mark.parametrize(
    "head",
    [
        f"<strong>回复 {TO_21.format('1#')} <i>张三</i> </strong>",
        f"<strong>回复 {TO_21.format('1#')} <i>张三</i> 的帖子</strong>",
        f"<strong>{TO_21.format('回覆 張三 的帖子')}</strong>",
        f"<b>Reply to {TO_21.format('1#')} <i>Zhang</i></b>",
        '<strong>回复 <a href="http://bbs.invalid/redirect.php?goto=findpost&amp;pid=21&amp;ptid=9">1#</a></strong>',
    ],
)
def test_the_head_of_an_old_answer_names_its_parent_and_goes(head: str) -> None:
    assert own(f"{head}<br><br>同意楼上") == "同意楼上"
    assert quoted(fragment(f"{head}<br><br>同意楼上"), "9") == "21"
    assert quoted(fragment(head), "8") is None


@pytest.mark.parametrize(
    "words",
    [
        f"<strong>见 {TO_21.format('二楼')}</strong>",
        "<strong>回复太慢了</strong>",
        f"<strong>回复 {TO_21.format('1#')} 说得对，停电太久了</strong>",
        f"回复 {TO_21.format('1#')} 的那位",
        "<strong>回复 <a href='http://news.invalid/?id=5'>通知</a></strong>",
    ],
)
def test_what_a_writer_set_in_bold_or_linked_is_his(words: str) -> None:
    assert own(words) == fragment(words).text_content()
    assert quoted(fragment(words), "9") is None


@pytest.mark.parametrize(
    "words",
    [
        "电力公司发布于 2026-11-19 的公告称：今晚停电检修",
        "国网发布于昨天 10:00 的通知：停电",
        "李局长 发表于 2026-11-19 的讲话中指出：电价不涨",
        "李局长 发表于 2026-11-19 10:00 的讲话：电价不涨",
        "供电局发布于 3 天前，至今没人管",
        "Zhang wrote on 2026-11-19 that all is well",
    ],
)
def test_a_public_statement_is_quoted_by_choice_whenever_it_was_made(words: str) -> None:
    assert own(f'<div class="quote"><blockquote>{words}</blockquote></div>骗人') == f"{words}\n\n骗人"


@pytest.mark.parametrize(
    "head", ["甲 发表于 2026-11-19 10:00", "甲 发表于 2026-11-19 10:00:", "甲 发布于 昨天 10:00", "甲 发表于 3 天前"]
)
def test_the_head_of_a_post_ends_with_its_line(head: str) -> None:
    assert own(f'<div class="quote"><blockquote>{head}<br>停电</blockquote></div>骗人') == "骗人"


def test_the_note_of_an_old_edit_is_no_word_of_the_post() -> None:
    assert own("正文<br><br>[ 本帖最后由 admin 于 2009-1-1 10:00 编辑 ]") == "正文"
    assert own("[ 本帖最後由 甲 於 2009-1-1 10:00 編輯 ]<br>正文") == "正文"
    assert own("本帖最后由 admin 于昨天编辑，为什么") == "本帖最后由 admin 于昨天编辑，为什么"


NAMED = '<p class="mbn"><a href="forum.php?mod=attachment&amp;aid=NQ">{}</a> <em>(12 KB, 下载次数: 3)</em></p>'
TIP = (
    '<div class="tip aimg_tip"><div class="xs0"><p><strong>断线.jpg</strong> <em>(12 KB, 下载次数: 3)</em></p>'
    '<p><a href="forum.php?mod=attachment&amp;aid=NQ">下载附件</a></p>{}'
    '<p class="xg1 y">昨天 11:50 上传</p></div></div>'
)


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        (f"<ignore_js_op><img>{TIP.format('<p>挂在树上</p>')}</ignore_js_op>", ["断线.jpg（挂在树上）"]),
        (f"<ignore_js_op><img>{TIP.format('')}</ignore_js_op>", ["断线.jpg"]),
        (
            f'<div class="pattl"><ignore_js_op><dl class="tattl attm"><dd>{NAMED.format("断线.jpg")}'
            '<p class="mbn"></p><p class="mbn xg2">挂在树上</p></dd></dl></ignore_js_op>'
            f'<dl class="tattl"><dd>{NAMED.format("表.xls")}<p>9 KB, 下载次数: 4</p></dd></dl></div>',
            ["断线.jpg（挂在树上）", "表.xls"],
        ),
        (
            '<div class="pattl"><dl class="tattl attm"><dd><p>挂在树上</p><img></dd></dl></div>',  # hidden from guests
            ["挂在树上"],
        ),
        (
            f'<div class="pattl">{NAMED.format("1.jpg")}<p class="xg2">前</p>'
            f'{NAMED.format("1.jpg")}<p class="xg2">后</p></div>',
            ["1.jpg（前；后）"],
        ),
    ],
)
def test_a_file_is_told_with_what_its_uploader_says_and_without_its_downloads(markup: str, told: list[str]) -> None:
    assert attached(fragment(markup)) == told
