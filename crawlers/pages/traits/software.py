"""Which software a page is of, by what it says of itself: named where a page is not understood."""

import re
from collections.abc import Mapping

_SEEN = 65_536  # bytes: heads and the first of a body
#: By name: signs of which one is enough, most telling first. The words are the softwares' own.
SIGNS: Mapping[str, tuple[re.Pattern[bytes], ...]] = {
    name: tuple(re.compile(sign, re.IGNORECASE) for sign in signs)
    for name, signs in {
        "Discuz!": (rb'content="Discuz', rb"powered by[^\n]{0,120}Discuz", rb"\bdiscuz_uid\b"),
        "phpBB": (rb"powered by[^\n]{0,120}phpBB", rb"\bid=\"phpbb\"", rb"styles/prosilver/"),
        "MyBB": (rb"powered by[^\n]{0,120}MyBB", rb"\bMyBB\.(?:init|settings)\b", rb"jscripts/general\.js\?ver="),
        "NodeBB": (rb'content="NodeBB"', rb"\bapp\.(?:user|config)\b.{0,400}nodebb", rb"nodebb\.min\.js"),
        "Discourse": (rb'content="Discourse ', rb"\bdata-discourse-", rb"discourse-application"),
        "Flarum": (rb"\bflarum\.core\b", rb'id="flarum-(?:loading|json-payload|content)"'),
        "XenForo": (rb'id="XF"', rb"data-template=\"forum_"),
        "vBulletin": (rb'content="vBulletin', rb"\bvBulletin\.init\b"),
        "WordPress": (rb'content="WordPress', rb"/wp-(?:content|includes)/", rb"/wp-json/"),
        "PHPWind": (rb'content="phpwind', rb"powered by[^\n]{0,120}phpwind"),
        "Mastodon": (rb'id="mastodon"', rb"packs/js/mastodon"),
        "Joomla!": (rb'content="Joomla!',),
        "Drupal": (rb'content="Drupal ', rb"\bdrupalSettings\b"),
        "a feed": (rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,400}?-->\s*)?<(?:rss|feed|rdf:RDF)\b",),
    }.items()
}
_COOKIES = {
    "phpbb": "phpBB", "mybb": "MyBB", "express.sid": "NodeBB", "flarum_session": "Flarum", "xf_csrf": "XenForo",
    "_forum_session": "Discourse", "bblastvisit": "vBulletin",
}  # fmt: skip
_DISCUZ_COOKIE = re.compile(r"\w+_(?:saltkey|lastvisit|sid)=")


def software_of(body: bytes, cookies: str = "") -> str | None:
    """Names the software that a page is of; None where it tells none. `cookies` is what the answer set."""
    head = body[:_SEEN]
    for name, signs in SIGNS.items():
        if any(sign.search(head) for sign in signs):
            return name
    lowered = cookies.lower()
    named = next((name for start, name in _COOKIES.items() if start in lowered), None)
    return named or ("Discuz!" if _DISCUZ_COOKIE.search(lowered) else None)


def same_software(name: str, kind: str) -> bool:
    """Tells whether a software's name and a source's `software:` mean the same."""
    plain = name.lower().removeprefix("a ").rstrip("!")
    return plain == kind.lower()
