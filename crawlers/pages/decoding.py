"""Bytes to text: the bytes themselves count for more than any label, since sites and exports mislabel them."""

import re
from codecs import getincrementaldecoder, lookup_error, register_error
from collections.abc import Callable, Sequence

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

# Chinese labels mean more than they say: gb2312 and gbk are gb18030 and big5 is big5hkscs, as in every browser.
CHINESE = ("gb18030", "big5hkscs")
# Defaults that any bytes fit. Not the Cyrillic ones: their letters lie where the usual ones of GBK do.
_SAYS_NOTHING = frozenset(
    ["cp1252", "iso8859-1", "latin_1", "latin-1", "ascii", "iso8859-2", "iso8859-9", "iso8859-15", "cp1250", "cp1254",
     "cp1257", "mac-roman", "cp437", "cp850"]
)  # fmt: skip
_ESCAPES = frozenset(["unicode_escape", "raw_unicode_escape", "punycode", "utf_7"])  # no page is written in these
_SEVEN_BIT = {"hz": "~{", "iso2022": "\x1b"}  # by the codec's beginning: what shows that a text of ASCII is none
_WIDE = re.compile("[\u0800-\U0010ffff]")  # three bytes and more in UTF-8: no two bytes of GBK look like these
_LATIN = re.compile("[\x00-\x7f\u00a0-\u024f]*")
_HALF = 0.5  # of what is not ASCII: damaged UTF-8 is wide all the same, GBK read as UTF-8 hardly ever; see _likelihood
_DAMAGED = 0.1  # of what is not ASCII: so much a label may fail and still be the right one
_NEARLY_ALL, _MUCH = 0.9, 0.4  # of what is not ASCII
_SAMPLE = 1 << 18  # bytes beyond ASCII that decide between GB18030 and Big5; a few dozen are enough
_PAIRS = 1 << 12  # bytes that tell UTF-16; of any page or table a tenth of the characters at least is ASCII
_OF_CHINA = re.compile("[\t\r\n -~\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
# Of Windows' 1252: ’ within and behind a word, quotes around words, dashes, dots, a letter with an accent beside
# others, and other signs before what is no second byte of GBK.
_WESTERN = re.compile(
    rb"(?<![\x80-\xff])(?:(?<=[A-Za-z0-9.,!?)])[\x92\x94\x85]|(?<![A-Za-z0-9])[\x91\x93](?=[A-Za-z0-9])|[\x96\x97]"
    rb"|(?<=[A-Za-z])[\xc0-\xff]|[\xc0-\xff](?=[a-z])|[\x80-\xff](?=[\x00-\x2f\x3a-\x3f]|$))(?![\x80-\xff])"
)
_SURELY = re.compile(  # it's, naïve, and any of them before what is no second byte; not the 謝謝 of GBK, `ÖxÖx`
    rb"(?<=[a-z])\x92(?:[stdm]|re|ve|ll)(?![a-z\x80-\xff])|[\x80-\xff](?:[\x00-\x2f\x3a-\x3f]|$)"
    rb"|(?<![\x80-\xff])[A-Za-z](?:[a-z][\xe0-\xff][a-z]{2}|[\xe0-\xff][a-z]{3})"
)
_EURO = 0x80  # in the GBK of Windows, which Excel writes; Python's codecs do not know it
_CESU = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")  # an emoji as Java and Oracle write it

#: For `errors=`: like "strict", "replace" and "surrogateescape", for what is not known to be meant by such bytes.
STRICT, REPLACE, ESCAPE = "meant_or_strict", "meant_or_replace", "meant_or_surrogateescape"


def decode(body: bytes, content_type: str, override: str | None = None) -> tuple[str, str]:
    """Decodes a page, a feed or a file into its text and the encoding it was read in; never raises.

    A byte order mark decides, where what follows is not something else; then: valid UTF-8 is UTF-8; else the first
    label that decodes strictly, of `override` (the owner's word), the HTTP header's charset in `content_type`, and the
    page's own (meta or XML prolog); else GB18030 or Big5, whichever is likelier. Bytes that fit nothing become U+FFFD.
    """
    marked, mark = read_bom(body)
    rest = body[len(mark) :] if mark else body
    if marked and (marked != "utf-8" or _strictly(rest, marked) is not None):
        return rest.decode(marked, REPLACE), marked
    encoding = find_codec(rest, [override, http_content_type_encoding(content_type), html_body_declared_encoding(rest)])
    return rest.decode(encoding, REPLACE), encoding


def find_codec(body: bytes, labels: Sequence[str | None] = ()) -> str:
    """Finds the codec of bytes without a byte order mark, by what they are first and by the `labels` in their order."""
    told = [codec for label in labels if (codec := resolved(label))]
    if (unmarked := unmarked_utf16(body)) is not None:
        return unmarked
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None:
        return next((codec for codec in told if _means_otherwise(body, utf8, codec)), "utf-8")
    for codec in told:
        if codec not in _SAYS_NOTHING and _strictly(body, codec) is not None:
            return _other_chinese(body, codec) or codec
    return _likeliest(body, told)


def unmarked_utf16(body: bytes) -> str | None:
    """Recognises UTF-16 without a mark by its NUL bytes; None for anything else.

    They are all on one side. Where some are on the other one (一 is 4E00, 开 5F00), the characters are to be of China
    and of ASCII: no bytes of GBK, Big5 or ASCII are nearly all of them that.
    """
    head = body[:_PAIRS]
    if len(head) < 4 or b"\0" not in head or _is_wide_utf8(head):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    codec, most, fewest = ("utf-16-le", odd, even) if odd > even else ("utf-16-be", even, odd)
    one_sided = 20 * most > len(head) and 20 * fewest < most
    if not one_sided and (fewest >= most or head.isascii() or not _is_of_china(head.decode(codec, "replace"))):
        return None
    whole = body[: len(body) & ~1]  # the last byte of a cut one
    return codec if _strictly(whole, codec) is not None else None


def resolved(label: str | None) -> str | None:
    """Resolves a label to a codec of text; None for no label, and for Python's own codecs: hex, idna, undefined."""
    codec = resolve_encoding(label) if label else None
    if not codec or codec.replace("-", "_") in _ESCAPES:
        return None
    try:
        b"a\xff".decode(codec, "replace")
    except (LookupError, UnicodeError, ValueError):
        return None
    return "utf-8" if codec.replace("_", "-").startswith("utf-8") else codec


def utf8_line(raw: bytes) -> str | None:
    """Reads one line of a file in another encoding that is UTF-8 all the same; None for all others.

    Only what has a character of three bytes: the 联通 of GBK is valid UTF-8 too, of two.
    """
    text = None if raw.isascii() else _strictly(raw, "utf-8")
    return text if text and _WIDE.search(text) else None


def _likeliest(body: bytes, told: Sequence[str]) -> str:
    """Finds the codec of bytes that are neither UTF-8 nor what a label says, as a whole."""
    if _share(body, "utf-8", lambda character: bool(_WIDE.match(character)) and character != "\ufffd") >= _HALF:
        return "utf-8"
    likeliest = max(CHINESE, key=lambda codec: _likelihood(body, codec))
    if _strictly(body, likeliest) is not None and _likelihood(body, likeliest) > _NEARLY_ALL:
        return likeliest
    for codec in told:  # a page with a torn character is still in the encoding that it names
        if codec not in (*CHINESE, *_SAYS_NOTHING, "utf-8") and _share(body, codec, "\ufffd".__eq__) <= _DAMAGED:
            return codec
    latin = next((codec for codec in told if codec in _SAYS_NOTHING - {"ascii"}), None)
    if latin and _likelihood(body, likeliest) < _HALF:
        return latin
    return "cp1252" if _is_western(body) else likeliest


def _is_western(body: bytes) -> bool:
    """Tells whether bytes are English, or the like, of Windows: each that is not ASCII stands alone, where it belongs.

    Chinese in GBK or Big5 has pairs of them. A lone rare character, whose second byte is ASCII, could be a letter at
    the beginning of a word: one sign at least is to be where no such character is.
    """
    beyond = sum(byte >= 0x80 for byte in body)
    return beyond == len(_WESTERN.findall(body)) and _SURELY.search(body) is not None


def _is_of_china(text: str) -> bool:
    return len(_OF_CHINA.findall(text)) > _NEARLY_ALL * len(text)


def _other_chinese(body: bytes, codec: str) -> str | None:
    """Finds the other Chinese encoding where a label names the wrong one: most of GBK is Big5 too, in rare words.

    Only where nearly all is usual in the other one and much is not in the one that is named.
    """
    other = next((one for one in CHINESE if codec in CHINESE and one != codec), None)
    if other is None or _strictly(body, other) is None:
        return None
    much = _likelihood(body, other)
    return other if much > _NEARLY_ALL and much - _likelihood(body, codec) > _MUCH else None


def _is_wide_utf8(head: bytes) -> bool:
    """Tells whether bytes that may be cut off are UTF-8 with Chinese in it: a stray NUL makes no UTF-16 of it."""
    try:
        return _WIDE.search(getincrementaldecoder("utf-8")().decode(head)) is not None
    except UnicodeDecodeError:
        return False


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec, STRICT)
    except (UnicodeError, LookupError):
        return None


def _means_otherwise(body: bytes, utf8: str, codec: str) -> bool:
    """Tells whether valid UTF-8 is another encoding by accident.

    UTF-16 without a mark is full of NUL, and HZ and ISO-2022 are ASCII with signs of their own. Some words of GBK, as
    the 联通 of every Windows user, are letters of scripts that nobody here writes; a page of UTF-8 with a single é or ©
    is none of them.
    """
    if codec.startswith("utf-16"):
        return "\0" in utf8 and _strictly(body, codec) is not None
    if (escape := next((sign for start, sign in _SEVEN_BIT.items() if codec.startswith(start)), None)) is not None:
        return escape in utf8 and _strictly(body, codec) is not None
    if codec == "utf-8" or codec in _SAYS_NOTHING or _WIDE.search(utf8) or _LATIN.fullmatch(utf8):
        return False
    return _strictly(body, codec) is not None


def _likelihood(body: bytes, codec: str) -> float:
    """Reckons how many of its different characters are usual ones of GB18030 or of Big5, 0 to 1.

    Both sort their characters by use: the 3,755 usual ones of GB 2312 lie at B0 to D7 with a second byte from A1, the
    5,401 of Big5 at A4 to C6; punctuation at A1 to A3 in both. What is read in the wrong one falls outside.
    """
    found = {character for character in body[:_SAMPLE].decode(codec, "replace") if not character.isascii()}
    return sum(_is_usual(character, codec) for character in found) / len(found) if found else 0.0


def _share(body: bytes, codec: str, is_one: Callable[[str], bool]) -> float:
    beyond = [character for character in body.decode(codec, "replace") if not character.isascii()]
    return sum(map(is_one, beyond)) / len(beyond) if beyond else 0.0


def _is_usual(character: str, codec: str) -> bool:
    raw = character.encode(codec, "ignore")
    if len(raw) != 2 or character == "\ufffd":
        return False
    if codec == "gb18030":
        return raw[1] >= 0xA1 and (0xB0 <= raw[0] <= 0xD7 or raw[0] in (0xA1, 0xA3))
    return 0xA4 <= raw[0] <= 0xC6 or raw[0] in (0xA1, 0xA2)


def _knowing(otherwise: str) -> Callable[[UnicodeError], tuple[str | bytes, int]]:
    """Makes a handler of errors that reads bytes of a known meaning, and leaves all others to the one of that name."""
    left = lookup_error(otherwise)

    def handle(error: UnicodeError) -> tuple[str | bytes, int]:
        if isinstance(error, UnicodeDecodeError):
            if error.encoding == "gb18030" and error.object[error.start] == _EURO:
                return "€", error.start + 1
            if error.encoding == "utf-8" and (pair := _CESU.match(error.object, error.start)):
                character = pair[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
                return character.decode("utf-16-le"), pair.end()
        return left(error)

    return handle


for _name, _otherwise in ((STRICT, "strict"), (REPLACE, "replace"), (ESCAPE, "surrogateescape")):
    register_error(_name, _knowing(_otherwise))
