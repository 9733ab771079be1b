import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.feeds.bylines import without_bylines
from crawlers.pages.markup import text_of

LINK = '<a href="http://x/memberlist.php?mode=viewprofile&amp;u=7">老王</a>'
ASIDE = '<aside class="quote no-group" data-username="li" data-post="2"><div class="title">li:</div>'
SAID = '<p dir="auto"><a href="/user/k">@<bdi>老王</bdi></a> <a href="/post/109">said</a>:</p>\n'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (f"停电<br />了<p>Statistics: Posted by {LINK} — Sat Nov 28, 2026 6:33 am</p><hr />", "停电\n了"),
        (f"停电<p>Statistiken: Verfasst von {LINK} — 2026</p><hr />", "停电"),
        ("停电<p>统计: 由 老王 发表 — 2026-11-28</p><hr />", "停电"),
        ("停电<p>Statistics: Posted by Guest — 2026</p>", "停电"),
        ("停电<p>統計資料: 由 遊客 發表 — 2026年11月28日 06:33</p>", "停电"),
        ("停电<p>Statistics: Posted by 老王 — Sat Nov 28, 2026 6:33 am — Replies: 3 — Views: 1,052</p>", "停电"),
        (f"停电<p>Statistiques : Publié par {LINK} — sam. 28 nov. 2026 06:33 — Réponses : 3</p>", "停电"),
        ("停电<p>Statistiken: Verfasst von 老王 — Sa 28. Nov 2026, 06:33</p>", "停电"),
        ("<p>停电</p><p>老王 修好了</p>", "停电\n\n老王 修好了"),
        (f"{SAID}<blockquote>\n<p>别急</p>\n</blockquote>\n<p>已来电</p>", "已来电"),
        ("<p>@老王 说：</p><blockquote>别急</blockquote>已来电", "已来电"),
        (f"{SAID}<p>已来电</p>", "@老王 said:\n\n已来电"),
        ('<blockquote class="mycode_quote"><cite>老王 Wrote:</cite>别急</blockquote>已来电', "已来电"),
        ("<blockquote><div><cite>老王 wrote: ↑</cite>别急</div></blockquote>已来电", "已来电"),
        ("<p>@老王 提醒得对，物业说：</p><blockquote>停水</blockquote>", "@老王 提醒得对，物业说：\n\n停水"),
        ('<blockquote class="mycode_quote"><cite>Quote:</cite>停水</blockquote>又来', "停水\n又来"),
        ("<blockquote><blockquote><cite>老王 wrote:</cite>别急</blockquote>停水</blockquote>又来", "停水\n又来"),
        ("前 <blockquote>名言<cite>— 鲁迅</cite></blockquote>后", "前\n名言— 鲁迅\n后"),
        ("前 <blockquote>引文</blockquote>后", "前\n引文\n后"),
        ("@老王 said:\n\n太敷衍了。\n又跳闸。\n\n我家也是\n", "我家也是"),
        ("@老王 said:\n> 太敷衍了。\n> 又跳闸。\n\n我家也是\n", "我家也是"),
        ("@老王 你好：\n停电", "@老王 你好：\n停电"),
        ("给 @老王 看", "给 @老王 看"),
        (f"{ASIDE}<blockquote><p>食堂贵</p></blockquote></aside><p>同意</p>", "同意"),
        ('<aside class="quote"><div class="title">li:</div><blockquote>食堂贵</blockquote></aside>同意', "同意"),
        ('<aside class="quote no-group"><blockquote>食堂贵</blockquote></aside>同意', "食堂贵\n同意"),
    ],
)
def test_a_name_that_the_software_wrote_is_taken_out_and_other_words_stay(markup: str, text: str) -> None:
    assert text_of(without_bylines(markup, "老王")) == text


@pytest.mark.parametrize(
    ("paragraph", "author"),
    [
        ("统计局今天公布数据：停水投诉上升三成。", None),
        ("统计局：停水投诉上升三成 — 2026年11月28日", None),
        ("统计：停水 31 起 — 比上月多一倍", None),
        ("统计: 停水 31 起 — 2026-11-28", None),
        ("Statistics show 31 complaints — 2026-11-28 10:20", None),
        ("新华社快讯——城西水厂爆管，三个小区停水", "新华社"),
        ("更正：新华社记者昨天的说法有误 — 2026年11月28日", "新华社"),
        ("新华社 — 2026-11-28，城西水厂爆管", "新华社"),
        ("Warning: the admin page is open — anyone can see it", "admin"),
        ("Warning: do not write to admin — 2026 was bad enough for all of us", "admin"),
        ("说明：一切都问 admin — 2026年起水价上涨三成", "admin"),
        (f"谢谢{LINK}，水来了", "小李"),
    ],
)
def test_a_last_paragraph_of_the_writers_own_stays_whatever_it_begins_with_or_names(
    paragraph: str, author: str | None
) -> None:
    markup = f"<p>停水</p><p>{paragraph}</p>"
    assert text_of(without_bylines(markup, author)) == text_of(markup)
    assert text_of(without_bylines(f"<p>{paragraph}</p>", author)) == text_of(paragraph)


PIECES = [
    '<aside class="quote">',
    "<!-- x -->",
    "<p>",
    "</p>",
    "<hr />",
    "<blockquote>",
    "</blockquote>",
    "<cite>",
    "</cite>",
    "@甲 said:",
    "—",
    "老王",
    "\n",
    "\x00",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_nonsense_is_read_and_never_raises(markup: str) -> None:
    assert isinstance(without_bylines(markup, "老王"), str)
