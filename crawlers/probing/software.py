"""Which software a page is of, by what it says of itself: a table of traits. Pure.

The names are those of `software:` in crawlers.yml; whether a kind of that name is there is for others to know.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_SEEN = 200_000  # characters of a page
_GENERATOR = re.compile(
    r"""<meta\b(?=[^>]*\bname=["']?generator\b)[^>]*\bcontent=["']([^"'>]{1,120})|<generator\b[^>]*>([^<]{1,120})""",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedPage:
    """One answer. `headers` by their names in small letters; `cookies` are the names that it set."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareTraits:
    """How one software is known, and what of it is asked for: `asks` are paths below the site's top.

    `marks` stand in its pages; `api` is which of `asks` answers in JSON where its interface is open.
    """

    title: str
    generator: str = ""
    cookies: str = ""
    header: tuple[str, str] = ("", "")
    marks: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    api: str = ""
    home: str = ""


#: By the name that stands in `software:`; the first that fits is believed.
SOFTWARE: Mapping[str, SoftwareTraits] = {
    "discuz": SoftwareTraits(
        title="Discuz!",
        generator="Discuz!",
        cookies=r"_(saltkey|lastvisit|lastact)$",
        marks=(r"Powered by (<[^>]+>|\s)*Discuz!", r"forum\.php\?mod=forumdisplay", r"discuz_uid"),
        asks=("forum.php",),
        home="forum.php",
    ),
    "phpbb": SoftwareTraits(
        title="phpBB",
        cookies=r"^phpbb3?_.*_(sid|u|k)$",
        marks=(r"Powered by (<[^>]+>|\s)*phpBB", r"""id=["']phpbb["']""", r"viewforum\.php\?f="),
        asks=("index.php", "app.php/feed"),
    ),
    "mybb": SoftwareTraits(
        title="MyBB",
        cookies=r"^mybb(\[|_)",
        marks=(r"Powered by (<[^>]+>|\s)*MyBB", r"\bMyBB\.(init|settings)", r"var MyBBEditor"),
        asks=("index.php", "syndication.php"),
    ),
    "nodebb": SoftwareTraits(
        title="NodeBB",
        generator="NodeBB",
        header=("x-powered-by", "NodeBB"),
        marks=(r"nodebb(\.min)?\.js", r"Powered by (<[^>]+>|\s)*NodeBB"),
        asks=("api/categories",),
        api="api/categories",
    ),
    "discourse": SoftwareTraits(
        title="Discourse",
        generator="Discourse",
        cookies=r"^_forum_session$",
        header=("x-discourse-route", ""),
        marks=(r"discourse-application", r"data-discourse-"),
        asks=("latest.json", "latest.rss"),
        api="latest.json",
    ),
    "flarum": SoftwareTraits(
        title="Flarum",
        cookies=r"^flarum_session$",
        marks=(r"""id=["']flarum-(loading|json-payload|content)["']""", r"flarum\.core"),
        asks=("api/discussions",),
        api="api/discussions",
    ),
    "v2ex": SoftwareTraits(
        title="V2EX",
        cookies=r"^V2EX_",
        marks=(r"<title>V2EX</title>",),
        asks=("api/topics/latest.json", "index.xml"),
        api="api/topics/latest.json",
    ),
    "mastodon": SoftwareTraits(
        title="Mastodon",
        header=("server", "Mastodon"),
        marks=(r"""id=["']mastodon["']""", r"mastodon-svg"),
        asks=("api/v1/instance",),
        api="api/v1/instance",
    ),
    "wordpress": SoftwareTraits(
        title="WordPress",
        generator="WordPress",
        header=("link", "https://api.w.org/"),
        marks=(r"/wp-(content|includes)/", r"/wp-json/"),
        asks=("wp-json/wp/v2/posts?per_page=1", "wp-json/wp/v2/comments?per_page=1", "feed/"),
        api="wp-json/wp/v2/posts?per_page=1",
    ),
    "feed": SoftwareTraits(
        title="a feed",
        marks=(r"^\s*(<\?xml[^>]*>\s*)?(<!--.{0,400}?-->\s*)?<(rss|feed|rdf:RDF)\b", r"jsonfeed\.org/version/"),
    ),
    "site": SoftwareTraits(
        title="a sitemap",
        marks=(r"^\s*(<\?xml[^>]*>\s*)?(<\?[^>]*>\s*)?(<!--.{0,400}?-->\s*)?<(urlset|sitemapindex)\b",),
    ),
}
#: Asked where the software is not known.
UNKNOWN_ASKS = ("feed/", "rss.xml", "atom.xml", "sitemap.xml", "forum.php")
#: Hosts that are not fetched at all: what their owners export is handed in.
SUPPLIED: Mapping[str, str] = {
    "weibo.com": "微博", "weibo.cn": "微博", "tieba.baidu.com": "贴吧", "zhihu.com": "知乎", "douyin.com": "抖音",
    "xiaohongshu.com": "小红书", "kuaishou.com": "快手", "toutiao.com": "头条", "bilibili.com": "哔哩哔哩",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recognised:
    """A software by its name in `SOFTWARE`, its version where it tells one, and by what it was known."""

    name: str
    version: str
    by: str


def recognise(page: ProbedPage) -> Recognised | None:
    """Finds which software a page is of: by its generator, else cookies, headers or marks in the page."""
    text = page.text[:_SEEN]
    found = _GENERATOR.search(text)
    generator = (found[1] or found[2] or "").strip() if found else ""
    is_feed = _marked(SOFTWARE["feed"], text)
    for name, traits in SOFTWARE.items():
        if traits.generator and generator.startswith(traits.generator) and not is_feed:
            return Recognised(name, generator.removeprefix(traits.generator).strip(" !"), "generator")
    if is_feed:  # feeds name the software that wrote them
        return Recognised("feed", "", "its content")
    for name, traits in SOFTWARE.items():
        if (by := _known_by(traits, page, text)) is not None:
            return Recognised(name, "", by)
    return None


def supplied_only(url: str) -> str | None:
    """Names the platform of an address that is never fetched, as its owner lets nobody in who is not logged in."""
    host = (urlsplit(url).hostname or "").lower()
    return next((name for owner, name in SUPPLIED.items() if host == owner or host.endswith(f".{owner}")), None)


def _known_by(traits: SoftwareTraits, page: ProbedPage, text: str) -> str | None:
    if traits.cookies and any(re.search(traits.cookies, cookie) for cookie in page.cookies):
        return "cookies"
    name, value = traits.header
    if name and name in page.headers and value.lower() in page.headers[name].lower():
        return f"header {name}"
    return "marks in its pages" if page.status < 400 and _marked(traits, text) else None


def _marked(traits: SoftwareTraits, text: str) -> bool:
    return any(re.search(mark, text, re.IGNORECASE | re.DOTALL) for mark in traits.marks)
