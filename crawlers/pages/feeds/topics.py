"""Which topic of a forum an entry's address names, and whether it is its first post: by the software's forms."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<topic>.*/topic/\d+)(?:/[^/?#]*)?(?:/(?P<reply>\d+))?(?:[?#].*)?",  # NodeBB, IP.Board
        r"(?P<topic>.*/t/(?:[^/?#]+/)?\d+)(?:/(?P<reply>\d+))?(?:[?#].*)?",  # Discourse, V2EX
        r"(?P<topic>.*/d/\d+)(?:-[^/?#]*)?(?:/(?P<reply>\d+))?(?:[?#].*)?",  # Flarum
        r"(?P<topic>.*/showthread\.php\?tid=\d+)(?:&pid=(?P<reply>\d+))?.*",  # MyBB
        r"(?P<topic>.*/viewtopic\.php\?(?:f=\d+&)?t=\d+)(?:&p=(?P<reply>\d+))?.*",  # phpBB that names the topic
        r"(?P<topic>.*/forum\.php\?mod=viewthread&tid=\d+).*",  # Discuz!
        r"(?P<topic>.*/thread-\d+)-\d+-\d+\.html",
    )
)
# A post's own address, which tells no topic: phpBB's `p=`, NodeBB's /post/.
_POST = re.compile(r".*/viewtopic\.php\?p=\d+.*|.*/post/\d+(?:[?#].*)?")
_SUBJECT = re.compile(
    r"(?:(?P<board>.{1,100}?) • )?(?P<reply>(?:re|回复|回覆|答复)\s*[:：]\s*)?(?P<subject>.*)", re.I | re.DOTALL
)

_LONGEST = 2083  # characters of an address
_EVERYWHERE = re.compile(
    r"\s*(?:recent|recently|latest|newest|new|popular|active|all)\b|\s*(?:最新|最近|热门|全部)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as an entry names it: `key` is one for all its entries; board and subject may be empty."""

    key: str
    is_reply: bool
    board: str = ""
    subject: str = ""


def names_no_board(title: str) -> bool:
    """Tells whether a feed's title speaks of all boards: `Recent Posts`."""
    return bool(_EVERYWHERE.match(title))


def topic_of(link: str, title: str) -> Topic | None:
    """Reads which topic an entry belongs to; None where its address is no forum's.

    Where a forum's feed tells a post's address alone, the topic is known by its subject, `Re:` and the board apart.
    """
    if len(link) > _LONGEST:
        return None
    for form in _FORMS:
        if found := form.fullmatch(link):
            reply = found.groupdict().get("reply")
            return Topic(found["topic"], is_reply=reply is not None and reply not in ("0", "1"))
    if not _POST.fullmatch(link):
        return None
    said = _SUBJECT.fullmatch(title.strip())
    if said is None or not said["subject"]:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:  # such as http://[
        return None
    key = f"{parts.scheme}://{parts.netloc}/#{said['board'] or ''}/{said['subject']}"
    phpbb = "viewtopic.php" in link
    return Topic(key, bool(said["reply"]) or not phpbb, said["board"] or "", said["subject"])
