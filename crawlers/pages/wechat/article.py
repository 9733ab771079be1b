"""One article of a public account: the page at mp.weixin.qq.com, or the message that stands in its place."""

import re
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.forum import Answer, PageRefused, Refusal
from crawlers.pages.markup import element_text, parse_page
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Kind

PARSER, VERSION = "wechat", 1  # for `Post.crawl`
HOST = "mp.weixin.qq.com"

_CONTENT = Elements("//*[@id='js_content']")
_TITLE = Words("//*[@id='activity-name']")
_ACCOUNT = Words("//*[@id='js_name']")
_SHOWN_TIME = Words("//*[@id='publish_time']")
_EDITED = Elements("//*[@id='js_modify_time']")
_META = Words("//meta[@property=$name]/@content")
_MESSAGE = Words("//*[contains(@class,'weui-msg__title') or contains(@class,'global_error_msg')]")
_BODY = Elements("//body")
_SCRIPTS = Elements("//script[not(ancestor::*[@id='js_content'])]")  # an article may show code of its own
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_VALUE = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_SHORT = re.compile(r"/s/([\w-]{10,})")
# The messages, as pages told them: who took it away is told, and kept in the log. What only some may see, or nobody at
# the moment, is not public.
_VERIFY = re.compile(r"环境异常|完成验证后|去验证|访问过于频繁|操作频繁|wappoc_appmsgcaptcha|请在微信客户端打开")
_GONE = re.compile(
    r"(?:已被|已经被)?(?:发布者|作者)(?:删除|撤回)|违规|违反|涉嫌|投诉|侵权|侵犯|发送失败|已注销|自主注销|被封|停止使用|屏蔽"
    r"|无法查看|仅.{1,6}可见|不存在|已(?:被)?删除"
)
_MOVED = re.compile(r"账号(?:已)?迁移|帐号(?:已)?迁移|公众号(?:已)?迁移|链接已过期|参数错误")


def article_id(url: str) -> str | None:
    """Identifies the article that a link leads to, None where it leads elsewhere.

    By account, message and place within it (`__biz`, `mid`, `idx`), or by the short id, which a link shows instead of
    them: only the page tells which belong together.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # such as http://[
        return None
    if parts.hostname != HOST:
        return None
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    biz, mid = asked.get("__biz"), asked.get("mid") or asked.get("appmsgid")
    if biz and mid and mid.isdigit():
        return _whole(biz, mid, asked.get("idx") or asked.get("itemidx") or "1")
    short = _SHORT.fullmatch(parts.path)
    return f"wechat:s:{short[1]}" if short else None


def article_url(url: str) -> str:
    """Writes the link to an article without what tells who shared it, so that one link is one address."""
    parts = urlsplit(url.strip())
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    kept = [
        (name, asked[name]) for name in ("__biz", "mid", "appmsgid", "idx", "itemidx", "sn", "sign") if name in asked
    ]
    query = "&".join(f"{name}={quote(value, safe='=')}" for name, value in kept)
    return f"https://{HOST}{parts.path}{f'?{query}' if query and not _SHORT.fullmatch(parts.path) else ''}"


def read_wechat_article(answer: Answer) -> Observation:
    """Reads an article. The writer is the account, the board its name; the author's name is a person's, and not kept.

    Raises `PageRefused`: CAPTCHA where the platform asks for verification, GONE with the notice where the article was
    taken away, CLOSED with the notice where it may be elsewhere (account moved, link expired); `Rejected("layout")`
    for anything else.
    """
    text, _ = decode(answer.body, answer.content_type)
    try:
        root = parse_page(text)
    except (ParserError, ValueError) as error:
        raise Rejected("empty", "a page without any element") from error
    variables = "\n".join(script.text or "" for script in _SCRIPTS.all(root))
    content, title = _CONTENT.first(root), _TITLE.of(root) or _META.of(root, name="og:title")
    if content is None and not (title and _variable(variables, "biz")):
        _refuse(root, answer.url)
    name = _identity(root, variables, answer.url)
    if name is None or not title:
        raise Rejected("layout", title)
    told = _variable(variables, "ct") or _SHOWN_TIME.of(root)
    published_at, precision = read_time(told, answer.at)
    return Observation(
        native_id=name,
        kind=Kind.ARTICLE,
        thread=name,
        board=" ".join(_ACCOUNT.of(root).split()) or unescape(_variable(variables, "nickname")) or None,
        url=article_url(answer.url),
        title=title,
        text=element_text(content) if content is not None else _described(root),
        author=name.split(":")[1],
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(told, published_at),
        edited_at=_edited_at(root, variables, answer.at, published_at),
    )


def _whole(biz: str, mid: str, idx: str) -> str:
    return f"wechat:{biz}:{mid}:{idx}"


def _identity(root: HtmlElement, text: str, url: str) -> str | None:
    biz, mid = _variable(text, "biz"), _variable(text, "mid") or _variable(text, "appmsgid")
    if biz and mid:
        return _whole(biz, mid, _variable(text, "idx") or _variable(text, "itemidx") or "1")
    told = (unescape(_variable(text, "msg_link")), _META.of(root, name="og:url"), url)
    known = [name for link in told if (name := article_id(link))]
    return next((name for name in known if not name.startswith("wechat:s:")), None)


def _variable(text: str, name: str) -> str:
    """Reads a variable of the page's script: the first of its alternatives that is not empty."""
    found = re.search(rf"\b(?:var\s+|window\.){name}\s*=\s*(?:htmlDecode\()?({_VALUE}(?:\s*\|\|\s*{_VALUE})*)", text)
    values = [value[1:-1].strip() for value in re.findall(_VALUE, found[1])] if found else []
    return next((value for value in values if value), "")


def _described(root: HtmlElement) -> str:
    """Reads the words of a message of pictures, which has no content but a description."""
    words = _META.of(root, name="og:description")
    return unescape(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), words)).strip()


def _edited_at(root: HtmlElement, text: str, at: datetime, published_at: datetime | None) -> datetime | None:
    """Reads when the account changed the article: only where the page shows that it did."""
    shown = _EDITED.first(root)
    if shown is None:
        return None
    moment, _ = read_time(_variable(text, "modify_time") or shown.text_content(), at)
    return moment if moment is not None and published_at is not None and moment > published_at else None


def _refuse(root: HtmlElement, url: str) -> None:
    body = _BODY.first(root)
    whole = element_text(body) if body is not None else ""
    told = " ".join((_MESSAGE.of(root) or whole[:200]).split())
    if _VERIFY.search(told) or _VERIFY.search(url) or _VERIFY.search(whole[:200]):
        raise PageRefused(Refusal.CAPTCHA, told)
    if _MOVED.search(told):
        raise PageRefused(Refusal.CLOSED, told)
    if _GONE.search(told):
        raise PageRefused(Refusal.GONE, told)
    raise Rejected("layout", told)
