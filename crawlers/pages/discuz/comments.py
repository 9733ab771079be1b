"""Comments below a post (点评): a line or two each, with writer and time, shown to guests without any number."""

from hashlib import sha256

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import author_id
from crawlers.pages.discuz.body import name_faces
from crawlers.pages.discuz.moments import told_time
from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements

_COMMENTS = Elements(".//div[contains(concat(' ',@class,' '),' pstl ')][div[@class='psti']]")
_WORDS = Elements("./div[@class='psti']")
# Beside the words, or, in X2, before them.
_AUTHORS = Elements(
    "./div[contains(@class,'psta')]//a[contains(concat(' ',@class,' '),' xw1 ')]"
    " | ./div[@class='psti']/a[1][contains(concat(' ',@class,' '),' xw1 ')]"
    "[not(normalize-space(preceding-sibling::node()))]"
)
_TIME = Elements("(./div[@class='psti']//span[@class='xg1'])[last()]")
_NOT_THE_AUTHORS = Elements(".//span[@class='xg1'] | .//a[contains(@href,'goto=findpost')] | .//a[@onclick]")
_MORE = Elements("(.//div[@class='pg']//a[contains(concat(' ',@class,' '),' nxt ')])[1]")


class PostComment:
    """One comment. `name` is unlike that of any other comment of its post, and the same each time it is read."""

    def __init__(self, element: HtmlElement) -> None:
        told = _TIME.first(element)
        names = _AUTHORS.all(element)
        self.author = next((author_id(one.get("href", "")) for one in names), None)
        self.told_time = "" if told is None else told_time(told)
        words = _WORDS.all(element)[0]
        for part in (*(name for name in names if name.getparent() is words), *_NOT_THE_AUTHORS.all(words)):
            part.drop_tree()
        name_faces(words)
        self.text = element_text(words)
        self.name = sha256(f"{self.author}\0{self.text}".encode()).hexdigest()[:16]


def comments(place: HtmlElement) -> list[PostComment]:
    """Reads the comments below a post; one that its writer made twice is another one each time."""
    found = [PostComment(element) for element in _COMMENTS.all(place)]
    met: dict[str, int] = {}
    for one in found:
        met[one.name] = met.get(one.name, 0) + 1
        if met[one.name] > 1:
            one.name = f"{one.name}-{met[one.name]}"
    return found


def has_more(place: HtmlElement) -> bool:
    """Tells whether a post has more comments than its page shows: robots.txt keeps programs from the others."""
    return _MORE.first(place) is not None
