"""Words that somebody passes on, written as Weibo writes them: `own words//@NAME:the words passed on`.

Names of those who are passed on are kept nowhere; the stages behind know the form, and read each writer's words apart.
"""

import re

NOBODY = "…"  # stands for a name
# As bridges to feeds (RSSHub) show a repost: `own words - 转发 @NAME: the words passed on`.
_SHOWN = re.compile(r"\s*(?:^[-–—]?|[-–—])\s*(?:转发|轉發)\s*@[^:：\n/@]{1,40}[:：]\s*", re.MULTILINE)
_LINK = re.compile(r"//\s*@[^:：\n/@]{1,40}[:：]")


def without_names(chain: str) -> str:
    """Takes the names out of a chain of reposts, `//@NAME:` becoming `//@…:`."""
    return _LINK.sub(f"//@{NOBODY}:", chain)


def in_chains(told: str) -> str:
    """Writes what a bridge shows of reposts as Weibo does, and without names; any other words stay as they are."""
    return without_names(_SHOWN.sub(f"//@{NOBODY}:", told)) if "@" in told else told


def passing_on(own: str, original: str) -> str:
    """Writes a repost: the poster's own words, if any, and the post that is passed on, as far as it is still there."""
    told = without_names(own)
    return f"{told}//@{NOBODY}:{original}" if original else told
