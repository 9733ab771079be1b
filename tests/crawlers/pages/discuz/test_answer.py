import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.pages.discuz.answer import heal, number, read
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.forum import Answer, PageRefused, Refusal
from stream.errors import Rejected

AT = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
URL = "http://bbs.invalid/forum.php"
UTF8 = "text/html; charset=utf-8"


def thread(post: str) -> bytes:
    case = Path(__file__).parent / "thread-last-page-of-three" / "input.html"
    return re.sub(
        r'(?s)(<td class="t_f"[^>]*>).*?(</td>)', lambda cell: cell[1] + post + cell[2], case.read_text("utf-8")
    ).encode()


@pytest.mark.parametrize("control", ["\x04", "\x0c", "\ufffe", "\x00"])
def test_a_character_lxml_refuses_ends_no_crawl(control: str) -> None:
    post = f'停电<i class="pstatus">本帖最后由 a 编辑</i>{control}了<font class="jammer">k3</font>{control}没人管'
    answer = Answer(body=thread(post), url=URL, content_type=UTF8, at=AT)
    page = DiscuzForum(URL).read_thread(answer, "9", "pid:50")
    assert {"停电", "了", "没人管"} <= set(re.split(r"[^\w]+|(?<=停电)|(?<=了)", page.observations[0].text))


@pytest.mark.parametrize("codec", ["hex", "idna", "undefined", "rot13", "no-such-codec"])
def test_a_codec_that_is_none_of_text_is_not_believed(codec: str) -> None:
    body = f"<meta charset={codec}><title>停电</title><p>停电</p>".encode()
    assert "停电" in read(body, "text/html", URL).root.text_content()


@pytest.mark.parametrize("body", [b"<!DOCTYPE<<laMl>\n", b"<!-- -->", b"\x01", b"", b" \n\t"])
def test_a_page_without_any_element_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected, match="empty"):
        read(body, "text/html", URL)


def message(words: str, beside: str = "") -> bytes:
    return f'<div id="ct"><div id="messagetext"><p>{words}</p></div>{beside}</div>'.encode()


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("抱歉，指定的主题不存在或已被删除或正在被审核", Refusal.GONE),
        ("抱歉，指定的主題不存在或已被刪除或正在被審核", Refusal.GONE),
        ("抱歉，您没有权限访问该版块", Refusal.PERMISSION),
        ("您需要先登錄才能繼續本操作", Refusal.PERMISSION),
        ("本主题需向作者支付 5 金钱才能浏览，请输入密码", Refusal.PERMISSION),
        ("本站升级中，请稍候", Refusal.CLOSED),
        ("", Refusal.CLOSED),
        ("本版块只有特定用户可以访问", Refusal.PERMISSION),
        ("本版區只有特定會員可以瀏覽", Refusal.PERMISSION),
        ("您需要拥有以下勋章才能访问这个版块", Refusal.PERMISSION),
        ("您需要满足以下条件才能访问这个版块 访问条件: 发帖数 > 10 您的信息: 发帖数 = 0", Refusal.PERMISSION),
        ("您需要滿足以下條件才能訪問這個版塊", Refusal.PERMISSION),
        ("抱歉，您需要升级您所在的用户组后才能访问该版块", Refusal.PERMISSION),
        ("抱歉，此主题已关闭，仅管理员可看", Refusal.PERMISSION),
        ("论坛内部版块，升级会员后才能查看，请先登录", Refusal.PERMISSION),
        ("You do not have permission to view this forum", Refusal.PERMISSION),
        ("没有找到帖子", Refusal.GONE),
        ("該帖已被作者刪除", Refusal.GONE),
        ("Sorry, the specified thread does not exist or has been deleted", Refusal.GONE),
        # Of the whole site, whoever may: no thread of it is gone by that.
        ("系统升级维护，需要等到明早八点才能访问", Refusal.CLOSED),
        ("网站维护期间只有管理员可以访问", Refusal.CLOSED),
        ("抱歉，您的 IP 地址不在允许范围内，或您的账号被禁用，无法访问本站点", Refusal.CLOSED),
        ("抱歉，您当前的请求正在进行中，请勿重复提交", Refusal.CLOSED),
    ],
)
def test_a_message_in_place_of_the_page_says_why(words: str, refusal: Refusal) -> None:
    with pytest.raises(PageRefused) as caught:
        read(message(words), UTF8, URL)
    assert (caught.value.refusal, caught.value.reason, caught.value.detail) == (refusal, refusal.value, words)


@pytest.mark.parametrize("tag", ["p", "div"])
def test_a_message_of_the_view_for_telephones_says_the_same(tag: str) -> None:
    with pytest.raises(PageRefused, match="permission"):
        read(f'<div class="jump_c"><{tag}>抱歉，您没有权限访问该版块</{tag}></div>'.encode(), UTF8, URL)


def test_a_message_that_asks_for_a_code_is_a_captcha_whatever_it_says() -> None:
    with pytest.raises(PageRefused, match="captcha"):
        read(message("抱歉，您没有权限访问该版块", '<input name="seccodehash" value="x">'), UTF8, URL)


def test_the_setting_of_that_name_in_every_page_for_telephones_is_no_guard() -> None:
    page = read(b"<script>var attackevasive = '0';</script><p>words</p>", "text/html; charset=utf-8", "http://a/")
    assert page.root.text_content().strip().endswith("words")


@pytest.mark.parametrize("script", ["页面重载开启", "attackevasive", "security_session_verify"])
def test_a_guard_is_a_bare_script_and_a_long_page_that_mentions_one_is_not(script: str) -> None:
    with pytest.raises(PageRefused, match="flood_guard"):
        read(f"<script>{script}</script>".encode(), UTF8, URL)
    assert read(f"<p>{script}</p>{'停电了。' * 2000}".encode(), UTF8, URL).encoding == "utf-8"


@pytest.mark.parametrize(
    ("text", "encoding", "healed"),
    [
        ("&#128545;怒", "gb18030", "😡怒"),
        ("&#20809;", "gb18030", "&#20809;"),  # 光 is in GBK: its author typed these eight characters
        ("&#128545;", "utf-8", "&#128545;"),
        ("&#xD800; &#65533; &#1234567;", "gb18030", "&#xD800; &#65533; &#1234567;"),
        ("&#x1F621;", "big5hkscs", "😡"),
        ("&lt;&amp;", "gb18030", "&lt;&amp;"),
    ],
)
def test_only_what_the_sites_encoding_lacks_is_unescaped_again(text: str, encoding: str, healed: str) -> None:
    assert heal(text, encoding) == healed


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("共 12 页", 12), ("1,234 次", 1234), ("无", None), ("", None), ("9" * 16, None), ("沙发", None),
        ("1.2万", None), ("1 萬", None), ("3亿次", None), ("12 万能", None),
    ],
)  # fmt: skip
def test_a_number_is_the_first_one_in_some_words_unless_it_is_rounded(words: str, found: int | None) -> None:
    assert number(words) == found
