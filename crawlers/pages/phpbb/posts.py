"""A topic's page: its posts as observations."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import asked, keep_smileys, number, one_line
from crawlers.pages.attached import FILE, attached, file_in
from crawlers.pages.forum import ThreadPage
from crawlers.pages.markup import element_text
from crawlers.pages.observation import Observation
from crawlers.pages.phpbb.page import following, shown
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Counts, Kind

_POSTS = Elements(
    "//div[contains(concat(' ',@class,' '),' post ')][starts-with(@id,'p')]"
    "[string-length(@id)>1 and translate(substring(@id,2),'0123456789','')='']"
)
_TITLE = Elements("(//h2[contains(@class,'topic-title')])[1]")
_CRUMB = Words("(//*[@id='nav-breadcrumbs']//a[contains(@href,'viewforum.php')])[last()]")
_TOTAL = Words("(//div[contains(concat(' ',@class,' '),' pagination ')])[1]")
_POLL = Elements("//form[contains(@class,'topic_poll')]//*[self::h2 or (self::dt and ../@data-poll-option-id)]")
_CONTENT = Elements("(.//div[@class='content'])[1]")
_TIME = Words("(.//p[contains(@class,'author')]//time)[1]/@datetime")
_AUTHOR_LINE = Elements("(.//p[contains(@class,'author')])[1]")
_AUTHOR = Words("(.//p[contains(@class,'author')]//a[contains(@href,'viewprofile')])[1]/@href")
_NOTICE = Words("(.//div[@class='notice'])[1]")
_QUOTES = Elements(".//cite/ancestor::blockquote[1]")
_QUOTED = Words("(.//cite/ancestor::blockquote[1])[1]//cite//a[contains(@href,'viewtopic.php')]/@href")
_FILES = Elements(
    ".//dl[contains(@class,'file') or contains(@class,'thumbnail')]"
    "[ancestor::div[contains(@class,'inline-attachment')] or ancestor::dl[contains(@class,'attachbox')]]"
    "[not(ancestor::blockquote)]"
)
_FILE_NAME = Elements("(dt//a[contains(@class,'postlink')] | dt[not(.//a | .//img)])[1]")
_FILE_TITLE = Words("(dt//img/@alt)[1]")
_COMMENT = Words("(dd/em | self::dl[contains(@class,'thumbnail')]/dd)[1]")
_NOT_THE_AUTHORS = Elements(
    ".//div[contains(@class,'inline-attachment')] | .//dl[contains(@class,'file')]"
    " | .//div[contains(@class,'codebox')]/p | .//dl[contains(@class,'codebox')]/dt"
)
# Of several 于 or 在 the one before the time: others stand in names.
_EDITED = re.compile(r"\bon (.+?), edited|[于於在]\s*([^于於在]*?\d.*?)[,，]?\s*(?:[总總]共)?[编編][辑輯]")


@dataclass(frozen=True, slots=True)
class _TopicHead:
    thread: str
    base: str
    at: datetime
    opening: str | None
    title: str
    board: str | None
    counts: Counts
    poll: str


def thread_page(root: HtmlElement, thread: str, base: str, *, at: datetime, opening: str | None) -> ThreadPage:
    """Reads a topic's page. `base` is the board's folder, `at` the server's clock.

    Posts that a moderator deleted are not among the observations. Raises `Rejected("layout")` where there are no posts.
    """
    posts, title = _POSTS.all(root), _TITLE.first(root)
    if not posts or title is None:
        raise Rejected("layout", "no posts on a topic's page")
    page = shown(root)
    if page == 1 and opening is None:
        opening = _native(posts[0])
    about = _TopicHead(
        thread=thread,
        base=base,
        at=at,
        opening=opening,
        title=one_line(title),
        board=" ".join(_CRUMB.of(root).split()) or None,
        counts=_counts(_TOTAL.of(root)),
        poll="\n".join(one_line(line) for line in _POLL.all(root)),
    )
    cells = [(post, _CONTENT.first(post)) for post in posts if "deleted" not in post.get("class", "").split()]
    return ThreadPage(
        page=page,
        next=following(root, "t", thread, urljoin(base, f"viewtopic.php?t={thread}")),
        opening=opening,
        observations=tuple(_observation(post, cell, about) for post, cell in cells if cell is not None),
        unreadable=tuple(_native(post) for post, cell in cells if cell is None),
    )


def _observation(post: HtmlElement, cell: HtmlElement, about: _TopicHead) -> Observation:
    native_id = _native(post)
    first = native_id == (about.opening or native_id)
    told = _told(post)
    published_at, precision = read_time(told, about.at)
    quoted = asked(_QUOTED.of(cell), "p")
    files = [_file(one) for one in _FILES.all(post)]
    pid = native_id.partition(":")[2]
    where = f"viewtopic.php?t={about.thread}" if first else f"viewtopic.php?p={pid}#p{pid}"
    return Observation(
        native_id=native_id,
        kind=Kind.THREAD if first else Kind.REPLY,
        thread=about.opening or native_id,
        parent=f"pid:{quoted}" if quoted else None,
        board=about.board,
        url=urljoin(about.base, where),
        title=about.title,
        text="\n\n".join(filter(None, (_words(cell), about.poll if first else "", attached(files)))),
        author=asked(_AUTHOR.of(post), "u") or None,
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(told, published_at),
        edited_at=_edited(_NOTICE.of(post), about.at),
        counts=about.counts if first else Counts(),
    )


def _words(cell: HtmlElement) -> str:
    """Reads what the writer wrote: without the posts that are quoted by name, files and the code's own button."""
    for element in (*_QUOTES.all(cell), *_NOT_THE_AUTHORS.all(cell)):
        if element.getparent() is not None:
            element.drop_tree()
    keep_smileys(cell)
    return element_text(cell)


def _file(one: HtmlElement) -> tuple[str, str]:
    """Reads a file's name, and what its writer says of it."""
    link = _FILE_NAME.first(one)
    name = file_in(_FILE_TITLE.of(one)) if link is None else one_line(link)
    return (name, " ".join(_COMMENT.of(one).split())) if FILE.fullmatch(name) else ("", "")


def _told(post: HtmlElement) -> str:
    """Finds the words for when it was published; before 3.3 they stand behind the writer, in the board's own form."""
    exact = _TIME.of(post)
    line = _AUTHOR_LINE.first(post)
    return exact or ("" if line is None else one_line(line).rpartition("»")[2].strip())


def _edited(notice: str, at: datetime) -> datetime | None:
    match = _EDITED.search(" ".join(notice.split()))
    return read_time(match[1] or match[2], at)[0] if match else None


def _counts(pagination: str) -> Counts:
    posts = number(pagination)
    return Counts(replies=max(posts - 1, 0)) if posts is not None else Counts()


def _native(post: HtmlElement) -> str:
    return f"pid:{post.get('id')[1:]}"
