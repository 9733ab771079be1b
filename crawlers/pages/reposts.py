"""Words that somebody passes on, written as Weibo writes them: `own words//@NAME:the words passed on`.

Names of those who are passed on are kept nowhere; the stages behind know the form, and read each writer's words apart.
"""

import re

NOBODY = "…"  # stands for a name
_LINK = re.compile(r"//\s*@[^:：\n/@]{1,40}[:：]")


def without_names(chain: str) -> str:
    """Takes the names out of a chain of reposts, `//@NAME:` becoming `//@…:`."""
    return _LINK.sub(f"//@{NOBODY}:", chain)


def passing_on(own: str, original: str) -> str:
    """Writes a repost: the poster's own words, if any, and the post that is passed on, as far as it is still there."""
    told = without_names(own)
    return f"{told}//@{NOBODY}:{original}" if original else told
