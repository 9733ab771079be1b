"""Long texts of which Weibo shows the beginning: how that is marked, and whether a text is the whole of a beginning."""

import re

SIGN = "…"  # stands where the rest is missing
_TAIL = 600  # characters in which a mark and its link stand
_DOTS = r"(?:…+|\.{3,}|。{3,})"
_BLANK = r"[\s\u200b]*"
# `...全文： http://m.weibo.cn/…` of the API, `…展开全文` of pages, there as a link; their icon comes as a `c`.
_MARK = re.compile(
    rf"(?:{_DOTS}{_BLANK}(?:<a\b[^<>]{{0,250}}>)?(?:(?:展开)?全文|展开)|展开全文)c?(?:</a>)?{_BLANK}[:：]?{_BLANK}"
    rf"(?:https?://\S{{1,200}})?{_BLANK}$"
)
_JOINT = re.compile(rf"{SIGN}(?=$|//@…:)")
_HALF = re.compile(r"(?:[!-~]{1,40}|\[[^\[\]\s]{0,10})$")  # a link or a face that was cut in two


def beginning(text: str) -> str | None:
    """Writes a text that is marked as cut with `SIGN` in the mark's place; None for one that is not marked."""
    start = max(0, len(text) - _TAIL)
    if text.find("全文", start) < 0 and text.find("展开", start) < 0:
        return None  # as nearly every text
    found = _MARK.search(text, start)
    return None if found is None else marked(text[: found.start()])


def marked(text: str) -> str:
    """Writes the beginning of a text as one."""
    kept = text.rstrip(" \n\u200b")
    return kept if kept.endswith(SIGN) else f"{kept}{SIGN}"


def completes(whole: str, cut: str) -> bool:
    """Tells whether `whole` goes on as `cut` begins; of a repost its own words or those passed on may be cut."""
    parts = [_HALF.sub("", part) for part in _JOINT.split(cut)]
    if len(parts) == 1 or not whole.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:]:
        at = whole.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
