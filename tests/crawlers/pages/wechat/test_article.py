from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.observation import Observation
from crawlers.pages.wechat.article import article_id, article_url, read_wechat_article
from stream.errors import Rejected

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGhIjKl"
ARTICLE = '<h1 id="activity-name"> 停电 </h1><div id="js_content"><p>全文</p></div>'
LONG = "https://mp.weixin.qq.com/s?__biz=MzA4MA==&mid=2650000001&idx=2&sn=0123abc"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (LONG + "&chksm=x&scene=27#rd", "wechat:MzA4MA==:2650000001:2"),
        (LONG.replace("https", "http"), "wechat:MzA4MA==:2650000001:2"),
        ("https://mp.weixin.qq.com/s?__biz=MzA4MA%3D%3D&mid=2650000001&sn=1", "wechat:MzA4MA==:2650000001:1"),
        (
            "https://mp.weixin.qq.com/mp/appmsg/show?__biz=MzA4MA==&appmsgid=10001&itemidx=1&sign=a",
            "wechat:MzA4MA==:10001:1",
        ),
        ("https://mp.weixin.qq.com/s/AbCd_EfGh-IjKl?poc_token=x", "wechat:s:AbCd_EfGh-IjKl"),
        ("https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA4MA==", None),
        ("https://mp.weixin.qq.com.evil.cn/s/AbCdEfGhIjKl", None),
        ("https://example.com/s/AbCdEfGhIjKl", None),
        ("", None),
    ],
)
def test_a_link_tells_which_article_it_leads_to(url: str, name: str | None) -> None:
    assert article_id(url) == name


def test_one_link_is_one_address_whoever_shared_it() -> None:
    assert article_url(LONG + "&chksm=x&scene=27#rd") == LONG
    assert article_url(LONG.replace("https", "http").replace("MzA4MA==", "MzA4MA%3D%3D")) == LONG
    assert article_url("http://mp.weixin.qq.com/s/AbCdEfGhIjKl?scene=1") == "https://mp.weixin.qq.com/s/AbCdEfGhIjKl"
    for told in (LONG, "https://mp.weixin.qq.com/s/AbCdEfGhIjKl"):
        assert article_url(told) == told


def test_an_address_that_is_none_leads_to_no_article() -> None:
    assert article_id("http://[") is None
    assert article_id("https://MP.weixin.qq.com/s/AbCdEfGhIjKl") == "wechat:s:AbCdEfGhIjKl"
    assert article_id("https://mp.weixin.qq.com/s?__biz=MzA4MA==&mid=one&idx=2") is None


def script(**variables: str) -> str:
    return "<script>" + "".join(f'var {name} = "{value}";\n' for name, value in variables.items()) + "</script>"


def read(body: str, url: str = SHORT) -> Observation:
    return read_wechat_article(
        Answer(body=body.encode(), url=url, content_type="text/html; charset=utf-8", at=AT),
    )


def test_an_article_without_numbers_takes_them_from_the_link_that_its_page_tells() -> None:
    link = "http://mp.weixin.qq.com/s?__biz=MzA4&amp;mid=7&amp;idx=2&amp;sn=3#rd"
    assert read(ARTICLE + script(msg_link=link)).native_id == "wechat:MzA4:7:2"
    told = f'<meta property="og:url" content="{link}">'
    assert read(told + ARTICLE + script(msg_link="http://[")).native_id == "wechat:MzA4:7:2"
    assert read(ARTICLE, LONG).native_id == "wechat:MzA4MA==:2650000001:2"


def test_an_article_that_only_its_short_link_names_is_not_understood() -> None:
    with pytest.raises(Rejected, match="layout"):
        read(ARTICLE)


def test_code_that_an_article_shows_is_none_of_the_pages_own() -> None:
    shown = '<div id="js_content"><pre>var biz = "EVIL"; var mid = "9"; var ct = "1700000000";</pre>怎么写？</div>'
    found = read('<h1 id="activity-name">停电</h1>' + shown + script(biz="MzA4", mid="7", ct="1795050720"))
    assert (found.native_id, found.author) == ("wechat:MzA4:7:1", "MzA4")
    assert found.published_at == datetime(2026, 11, 19, 1, 12, tzinfo=UTC)
    assert "EVIL" in found.text


def test_of_the_alternatives_of_a_variable_the_first_that_says_something_counts() -> None:
    told = '<script>window.biz = "" || \'MzA4\'; var mid = "" || "" || "7"; var idx = "" || "3";</script>'
    assert read(ARTICLE + told).native_id == "wechat:MzA4:7:3"


def test_an_article_that_speaks_of_a_deletion_is_an_article() -> None:
    page = ARTICLE.replace("全文", "该内容已被发布者删除") + script(biz="MzA4", mid="7")
    assert read(page).text == "该内容已被发布者删除"


@pytest.mark.parametrize(
    ("shown", "published", "modified", "edited_at"),
    [
        (True, "1795050720", "1795050800", datetime(2026, 11, 19, 1, 13, 20, tzinfo=UTC)),
        (True, "1795050720", "1795050700", None),  # before it was published
        (True, "", "1795050800", None),
        (True, "1795050720", "", None),
        (False, "1795050720", "1795050800", None),  # the variable moves with every share; the page shows no edit
    ],
)
def test_an_edit_is_one_that_the_page_shows_and_that_came_after(
    shown: bool, published: str, modified: str, edited_at: datetime | None
) -> None:
    mark = '<em id="js_modify_time">已修改</em>' if shown else ""
    page = ARTICLE + mark + script(biz="MzA4", mid="7", ct=published, modify_time=modified)
    assert read(page).edited_at == edited_at


def test_a_message_of_pictures_is_its_description_with_its_escapes_undone() -> None:
    words = r"一\x0a二\x26amp;三 \x26quot;停电\x26quot;"
    head = f'<meta property="og:title" content="图"><meta property="og:description" content="{words}">'
    assert read(head + script(biz="MzA4", mid="7")).text == '一\n二&三 "停电"'


def test_the_account_is_named_by_the_page_or_by_its_script() -> None:
    named = script(biz="MzA4", mid="7", nickname="临江&amp;供电")
    assert read(ARTICLE + named).board == "临江&供电"
    assert read(ARTICLE + '<a id="js_name"> 临江 \n 供电 </a>' + named).board == "临江 供电"
    assert read(ARTICLE + script(biz="MzA4", mid="7")).board is None


def test_a_time_that_nobody_understands_is_told() -> None:
    found = read(ARTICLE + script(biz="MzA4", mid="7", ct="soon"))
    assert (found.published_at, found.unread_time) == (None, "soon")


@pytest.mark.parametrize(
    ("notice", "refusal"),
    [
        ("该内容已被发布者删除", Refusal.GONE),
        ("此内容因违规无法查看", Refusal.GONE),
        ("此帐号已自主注销，内容无法查看", Refusal.GONE),
        ("根据作者隐私设置，无法查看该内容", Refusal.GONE),
        ("该内容暂时无法查看", Refusal.GONE),
        ("该文章仅粉丝可见", Refusal.GONE),
        ("该公众号已迁移", Refusal.CLOSED),
        ("链接已过期", Refusal.CLOSED),
        ("环境异常", Refusal.CAPTCHA),
        ("访问过于频繁，请稍后再试", Refusal.CAPTCHA),
        ("帐号已迁移，原内容已删除", Refusal.CLOSED),  # it may be elsewhere: not taken for deleted
    ],
)
def test_a_notice_in_place_of_an_article_says_what_became_of_it(notice: str, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        read(f'<div class="weui-msg"><h2 class="weui-msg__title warn">{notice}</h2></div>')
    assert (caught.value.refusal, caught.value.detail) == (refusal, notice)


@pytest.mark.parametrize("notice", ["系统维护", "内容审核中", "系统出错，请稍后再试", "轻触阅读原文"])
def test_a_message_that_tells_nothing_of_the_article_takes_nothing_away(notice: str) -> None:
    with pytest.raises(Rejected, match="layout"):
        read(f'<div class="weui-msg"><h2 class="weui-msg__title warn">{notice}</h2></div>')


def test_a_check_is_known_by_its_address_whatever_it_shows_and_nothing_is_empty() -> None:
    with pytest.raises(PageRefused, match="captcha"):
        read("<p>请稍候", "https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=1")
    with pytest.raises(Rejected, match="empty"):
        read("")


PIECES = st.sampled_from(
    [
        '<h1 id="activity-name">停电</h1>',
        '<div id="js_content">',
        "</div>",
        '<script>var biz = "',
        '";var mid = "7" || \'',
        "</script>",
        '<meta property="og:url" content="http://[">',
        "<!--",
        "\x00",
        "已删除",
    ]
)


@given(st.lists(PIECES, max_size=10).map("".join))
def test_pages_of_any_shape_are_read_or_rejected(body: str) -> None:
    with suppress(Rejected):
        read(body)
