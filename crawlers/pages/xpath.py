"""Compiled XPath with one kind of result each: lxml's own returns anything."""

from lxml.etree import XPath  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]


class Elements:
    """An expression that selects elements; `$name` in it is given as `name=`."""

    def __init__(self, expression: str) -> None:
        self._find = XPath(expression, regexp=False)
        self._below = all(part.lstrip(" (").startswith(".//") for part in expression.split("|"))

    def all(self, root: HtmlElement, **variables: str) -> list[HtmlElement]:
        """Finds the elements, in document order."""
        if self._below and not len(root):  # as in most posts: words and nothing else
            return []
        found = self._find(root, **variables)
        return [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []

    def first(self, root: HtmlElement, **variables: str) -> HtmlElement | None:
        """Finds the first one, if any."""
        return next(iter(self.all(root, **variables)), None)


class Words:
    """An expression that yields text."""

    def __init__(self, expression: str) -> None:
        self._find = XPath(f"string({expression})", regexp=False, smart_strings=False)

    def of(self, root: HtmlElement, **variables: str) -> str:
        """Reads the text, empty where there is none."""
        return str(self._find(root, **variables)).strip()
