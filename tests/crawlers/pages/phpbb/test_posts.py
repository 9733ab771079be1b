"""A topic's posts on phpBB: whose words they are, times before 3.3, edits in two languages, polls and counters."""

from datetime import UTC, datetime

import pytest

from crawlers.pages.forum import Answer, ThreadPage
from crawlers.pages.observation import Observation
from crawlers.pages.phpbb.forum import PhpbbForum
from stream.messages import Counts, Kind

AT = datetime(2026, 11, 28, 7, tzinfo=UTC)
FORUM = PhpbbForum("http://bbs.invalid/phpbb/")
POLL = (
    '<form class="topic_poll"><h2>几点来电？</h2><dl data-poll-option-id="1"><dt>今晚</dt><dd>7</dd></dl>'
    "<dl><dt>Submit</dt></dl></form>"
)


def read(*posts: str, opening: str | None = None, above: str = "") -> ThreadPage:
    body = f'<h2 class="topic-title">停电</h2>{above}{"".join(posts)}'
    return FORUM.read_thread(
        Answer(body=body.encode(), url=FORUM.home, content_type="text/html; charset=utf-8", at=AT), "40", opening
    )


def post(number: int, words: str = "停电了", line: str = "", below: str = "", style: str = "post") -> str:
    inside = f'<p class="author">{line}</p><div class="content">{words}</div>{below}'
    return f'<div id="p{number}" class="{style}">{inside}</div>'


def only(words: str = "停电了", line: str = "", below: str = "") -> Observation:
    (found,) = read(post(7, words, line, below)).observations
    return found


def test_on_a_later_page_replies_belong_to_the_opening_post_and_bear_neither_poll_nor_counters() -> None:
    second = f'<div class="pagination">12 posts<ul><li class="active">2</li></ul></div>{POLL}'
    page = read(post(21), opening="pid:7", above=second)
    (reply,) = page.observations
    assert (page.page, reply.kind, reply.thread, reply.counts) == (2, Kind.REPLY, "pid:7", Counts())
    assert reply.text == "停电了"


def test_the_opening_post_bears_the_poll_without_its_votes_and_the_number_of_replies() -> None:
    (first, reply) = read(post(7), post(8), above=f'<div class="pagination">1,234 posts</div>{POLL}').observations
    assert (first.text, first.counts) == ("停电了\n\n几点来电？\n今晚", Counts(replies=1233))
    assert (reply.text, reply.counts) == ("停电了", Counts())


@pytest.mark.parametrize(("told", "counts"), [("1 post", Counts(replies=0)), ("", Counts()), ("0", Counts(replies=0))])
def test_replies_are_counted_without_the_opening_post_and_never_below_none(told: str, counts: Counts) -> None:
    (first,) = read(post(7), above=f'<div class="pagination">{told}</div>').observations
    assert first.counts == counts


def test_a_post_that_a_moderator_deleted_is_in_neither_list_and_one_without_words_is_unreadable() -> None:
    page = read(post(7), post(8, style="post deleted"), '<div id="p9" class="post"></div>')
    assert ([one.native_id for one in page.observations], page.unreadable) == (["pid:7"], ("pid:9",))


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ('<time datetime="2026-11-28T06:33:10+00:00">x</time>', datetime(2026, 11, 28, 6, 33, 10, tzinfo=UTC)),
        ("by <a>甲</a> » Sat Nov 28, 2026 6:33 pm", datetime(2026, 11, 28, 10, 33, tzinfo=UTC)),
        ("by <a>甲</a> » Sat Nov 28, 2026 12:05 am", datetime(2026, 11, 27, 16, 5, tzinfo=UTC)),
        ("by <a>甲</a> » 28 Nov, 1:33:09 pm", datetime(2026, 11, 28, 5, 33, 9, tzinfo=UTC)),
        ("由 <a>甲»乙</a> » 2026-11-28 06:33", datetime(2026, 11, 27, 22, 33, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_from_its_element_or_behind_the_writer_in_the_boards_zone(line: str, moment: datetime) -> None:
    found = only(line=line)
    assert (found.published_at, found.unread_time) == (moment, "")


def test_a_time_in_words_that_nobody_knows_is_told() -> None:
    found = only(line="by 甲 » jumat malam")
    assert (found.published_at, found.unread_time) == (None, "jumat malam")


@pytest.mark.parametrize(
    ("notice", "moment"),
    [
        ("Last edited by 甲 on Sat Nov 28, 2026 6:40 pm, edited 2 times in total.", (10, 40)),
        ("最后由 乙 于 2026-11-28 19:05 编辑，总共编辑 1 次。", (11, 5)),
        ("最後由 乙 於 2026-11-28 19:05 編輯，總共編輯 1 次。", (11, 5)),
        ("上次由 <a>甲</a> 在 2026-11-28 19:05 编辑，总共编辑 1 次。", (11, 5)),
        ("上次由 在水一方 在 2026-11-28 19:05 编辑，总共编辑 12 次。原因: 写于 3 楼", (11, 5)),
        ("附件下载 3 次", None),
        ("在 3 楼的帖子已编辑", None),
    ],
)
def test_an_edit_is_read_in_english_and_in_both_scripts_of_chinese(notice: str, moment: tuple[int, int] | None) -> None:
    expected = datetime(2026, 11, 28, *moment, tzinfo=UTC) if moment else None
    assert only(below=f'<div class="notice">{notice}</div>').edited_at == expected


IMAGE = (
    '<div class="inline-attachment"><dl class="file"><dt class="attach-image"><img class="postimage" alt="断线.jpg">'
    "</dt>{}<dd>断线.jpg (12 KiB) Viewed 3 times</dd></dl></div>"
)


def test_files_are_named_behind_the_words_with_what_their_writer_says_and_without_counters() -> None:
    remark = "<dd><em>高压线挂树上</em></dd>"
    pdf = '<dl class="file"><dt><a class="postlink" href="./download/file.php?id=6">通知.pdf</a></dt><dd>(34 KiB)</dd>'
    thumbnail = '<dl class="thumbnail"><dt><a href="./x"><img alt="杆.png"></a></dt><dd> 歪了</dd></dl>'
    box = f'<dl class="attachbox"><dt>Attachments</dt><dd>{pdf}</dl>{thumbnail}</dd></dl>'
    found = only(f"图{IMAGE.format(remark)}后", below=box)
    assert found.text == "图后\n\n附件：断线.jpg（高压线挂树上）、通知.pdf、杆.png（歪了）"
    assert only(IMAGE.format("")).text == "附件：断线.jpg"


def test_files_of_a_quoted_post_and_lists_of_a_writers_own_are_no_files_of_the_post() -> None:
    quote = f"<blockquote><cite>甲 wrote:</cite>{IMAGE.format('')}</blockquote>"
    assert only(f"{quote}是<dl><dt>通知.pdf</dt></dl>").text == "是\n\n通知.pdf"
    denied = '<dl class="attachbox"><dd><p>You do not have the required permissions to view the files</p></dd></dl>'
    assert only(below=denied).text == "停电了"


def test_a_quotation_by_name_is_taken_out_with_those_within_and_one_without_a_name_stays() -> None:
    inner = "<blockquote><cite>乙 wrote:</cite>更早</blockquote>"
    outer = f'<blockquote><cite>甲 wrote: <a href="./viewtopic.php?p=5#p5">↑</a></cite>{inner}早</blockquote>'
    found = only(f"{outer}我家也是<blockquote>今晚检修</blockquote>")
    assert (found.text, found.parent) == ("我家也是\n今晚检修", "pid:5")


def test_a_quotation_by_name_within_one_without_a_name_is_taken_out_alone() -> None:
    inner = '<blockquote><div><cite>甲 wrote: <a href="./viewtopic.php?p=5#p5">↑</a></cite>早</div></blockquote>'
    found = only(f'<blockquote class="uncited"><div>{inner}今晚检修</div></blockquote>我家也是')
    assert (found.text, found.parent) == ("今晚检修\n\n我家也是", "pid:5")


def test_an_ids_letters_are_no_number_and_such_an_element_is_no_post() -> None:
    page = read('<div id="profile7" class="post"></div>', '<div id="p7x" class="post"></div>', post(8))
    assert (page.opening, page.unreadable) == ("pid:8", ())


def test_a_guest_who_wrote_has_no_account() -> None:
    assert only(line='<span class="username">访客</span>').author is None
    assert only(line='<a href="./memberlist.php?mode=viewprofile&amp;u=58&amp;sid=0">甲</a>').author == "58"
