"""Comments below a post (点评): a line or two each, with writer and time, shown to guests without any number."""

from hashlib import sha256

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import author_id
from crawlers.pages.discuz.body import name_faces
from crawlers.pages.markup import element_text
from crawlers.pages.xpath import Elements, Words

_COMMENTS = Elements(".//div[contains(concat(' ',@class,' '),' pstl ')][div[@class='psti']]")
_WORDS = Elements("./div[@class='psti']")
_AUTHOR = Words("(./div[contains(@class,'psta')]//a[contains(concat(' ',@class,' '),' xw1 ')])[1]/@href")
_TIME = Elements("(./div[@class='psti']//span[@class='xg1'])[last()]")
_TIME_TITLE = Words(".//span/@title")
_NOT_THE_AUTHORS = Elements(".//span[@class='xg1'] | .//a[contains(@href,'goto=findpost')] | .//a[@onclick]")
_MORE = Elements("(.//div[@class='pg']//a[contains(concat(' ',@class,' '),' nxt ')])[1]")


class PostComment:
    """One comment. `name` is unlike that of any other comment of its post, and the same each time it is read."""

    def __init__(self, element: HtmlElement) -> None:
        told = _TIME.first(element)
        self.author = author_id(_AUTHOR.of(element))
        self.told_time = "" if told is None else _TIME_TITLE.of(told) or str(told.text_content())
        words = _WORDS.all(element)[0]
        for part in _NOT_THE_AUTHORS.all(words):
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
