"""A small news site on loopback, as its editor has it."""

from hashlib import sha256

from tests.crawlers.site import Answer, Site

WORDS = (
    "11月19日上午，{what}，影响居民一万二千户。供电公司称，抢修人员于十一时五十分恢复全部供电，未造成人员伤亡。"
    "多名居民表示，停电前没有收到任何通知，电梯一度停运。供电公司回应说，故障属突发，将对受影响用户给予补偿。"
)


def article(what: str, published: str = "2026-11-19T09:12:00+08:00") -> str:
    head = f'<meta property="og:type" content="article"><meta property="article:published_time" content="{published}">'
    body = f"<h1>{what}</h1><div><p>{WORDS.format(what=what)}</p></div>"
    return f"<html><head>{head}<title>{what}</title></head><body>{body}"


def headlines(*titles: str) -> str:
    rows = "".join(f'<li><a href="/{number}.html">{title}</a></li>' for number, title in enumerate(titles))
    return f"<html><head><title>要闻</title></head><body><h1>要闻</h1><div><ul>{rows}</ul></div>"


class Paper:
    """Serves `pages` by path, with an ETag of their words; a number in place of a page is a status."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.root = site.root
        self.pages: dict[str, str | int] = {}
        self.moved: dict[str, str] = {}
        site.answer = self
        site.robots = lambda: Answer(f"User-agent: *\nSitemap: {self.root}/maps.xml\n".encode())

    def __call__(self, path: str) -> Answer:
        if path in self.moved:
            return Answer(status=302, headers={"Location": self.moved[path]})
        page = self.pages.get(path, 404)
        if isinstance(page, int):
            return Answer(b"no such page", page)
        kind = "application/xml" if path.endswith(".xml") else "text/html; charset=utf-8"
        return Answer(page.encode(), headers={"ETag": f'"{sha256(page.encode()).hexdigest()}"', "Content-Type": kind})

    def index(self, *paths: str) -> str:
        rows = "".join(f"<sitemap><loc>{self.root}{path}</loc></sitemap>" for path in paths)
        return f"<sitemapindex>{rows}</sitemapindex>"

    def map(self, **changed: str) -> str:
        """Names the pages /NAME.html, each with its lastmod."""
        rows = "".join(
            f"<url><loc>{self.root}/{name}.html</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</url>"
            for name, when in changed.items()
        )
        return f"<urlset>{rows}</urlset>"

    def asked(self) -> list[str]:
        """What was asked for since the last call, robots.txt apart."""
        paths = self._site.asked
        self._site.log.clear()
        self._site.conditions.clear()
        return paths
