"""Bytes to text the way a browser does it, for Chinese sites: gb2312 and gbk both mean gb18030."""

from w3lib.encoding import html_to_unicode, resolve_encoding


def decode(body: bytes, content_type: str, override: str | None = None) -> tuple[str, str]:
    """Decodes the page into its text and the encoding it was read in; bytes that fit nothing become U+FFFD.

    `override` is the owner's word for a site that declares a wrong encoding; else byte order mark, header and meta
    decide, in this order, and UTF-8 or gb18030 where all are silent.
    """
    if override is not None:
        encoding = resolve_encoding(override) or override
        return body.decode(encoding, "replace"), encoding
    try:
        encoding, text = html_to_unicode(content_type, body, auto_detect_fun=_detect, default_encoding="utf-8")
    except (LookupError, UnicodeError):  # a page may declare Python's own codecs too: hex, idna, undefined
        encoding = _detect(body)
        text = body.decode(encoding, "replace")
    return text, encoding


def _detect(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
