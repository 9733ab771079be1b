"""What forum software writes below an entry's words: how many answers there are, a link to them. Nobody wrote it.

The count alone would make an edit of every answer.
"""

import re

_FOOTER = re.compile(
    r"(?P<count><p>\s*(?:<small>)?\s*\d[\d.,k]*[^<\d]{1,40}?\s-\s\d[\d.,k]*[^<\d]{1,40}(?:</small>)?\s*</p>\s*)?"
    r"<p>\s*<a\s[^<>]*>(?P<words>[^<]{1,60})</a>\s*</p>\s*\Z",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s*(?:Read full topic|阅读完整(?:话题|主题)|閱讀完整(?:話題|主題))\s*", re.IGNORECASE)
_LONGEST = 4000  # characters of it


def without_footer(markup: str) -> str:
    """Takes off Discourse's `3 posts - 2 participants` and its link to the topic, in any language where both stand."""
    found = _FOOTER.search(markup, max(0, len(markup) - _LONGEST))
    return markup[: found.start()] if found and (found["count"] or _MORE.fullmatch(found["words"])) else markup
