"""What programs and habit put below a writer's words: a signature, the device that it was written on. Pure."""

import regex

from crawlers.push.mailbox.quotations import MARKED, attribution_lines, is_rule, quotation_begins

_DELIMITER = regex.compile(r"^\s*--\s*$")
_ITEM = regex.compile(r"^\s*(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）.．、,，:：]|[-*•·●■◆]\s*\S|[①-⑳])")
_SENTENCE = regex.compile(r"[。！？；!?;]|^.{61}")
_INTRODUCED = regex.compile(r"[:：]\s*$")
_MOST_LINES = 10  # of a signature
_NEAR_END = 4  # lines
# What devices and programs call themselves. Nothing else may stand in a line of theirs: `来自小米客服态度太差` is a
# sentence.
_NAMES = (
    "手机|平板|电脑|客户端|邮箱|邮件|大师|版|企业微信|微信|钉钉|飞书|新浪|网易|腾讯|阿里|搜狐|移动"
    "|华为|小米|红米|荣耀|三星|魅族|一加|真我|努比亚|中兴|联想|苹果|安卓|鸿蒙"
)
_NAME = rf"(?=[\d ]*\p{{L}})(?:{_NAMES}|[\p{{Latin}}\d.+()/_ -]){{1,40}}"
_WORD = r"(?:[A-Z\d][\w.+-]*|i[A-Z]\w+|for|on|via|my|vivo|mobile|phone|smartphone|tablet|device)"
_DEVICE = regex.compile(
    rf"(?i)^\s*(?:(?:[发發寄来來]自)\s*(?:我的)?\s*{_NAME}|从\s*(?:我的)?\s*{_NAME}发送"
    rf"|sent from (?-i:{_WORD}(?: {_WORD}){{0,5}})"
    r"|(?:get|获取|下载)\s*(?:适用于\s*\w{2,10}\s*的\s*)?outlook(?:\s*for \w{2,10})?)\s*(?:<[^<>]*>)?\s*[.。]?\s*$"
)


def is_signature(lines: list[str], at: int) -> bool:
    """Tells whether a `--` here begins a signature: little follows it, and no list or sentence.

    Programs write it with a blank behind (RFC 3676); below that mottos and notices of secrecy may stand.
    """
    if not _DELIMITER.match(lines[at]):
        return False
    above = next((line for line in reversed(lines[:at]) if line.strip()), "")
    if _INTRODUCED.search(above):
        return False
    signed = _signed(lines, at + 1)
    if len(signed) > _MOST_LINES or any(map(_ITEM.match, signed)):
        return False
    return lines[at].endswith("-- ") or not any(map(_SENTENCE.search, signed))


def without_devices(lines: list[str]) -> list[str]:
    """Takes out the lines near the end that tell on what a text was written, and the rule above them."""
    devices: set[int] = set()
    behind = 0  # other lines
    for at in range(len(lines) - 1, -1, -1):
        if _DEVICE.match(lines[at]):
            devices.add(at)
        elif (behind := behind + bool(lines[at].strip())) == _NEAR_END:
            break
    kept = [line for at, line in enumerate(lines) if at not in devices]
    while kept and (not kept[-1].strip() or is_rule(kept[-1])):
        del kept[-1]
    return kept


def _signed(lines: list[str], begin: int) -> list[str]:
    """Finds the lines below, as far as another mail; no more than tell that they are too many."""
    signed: list[str] = []
    for at in range(begin, len(lines)):
        if len(signed) > _MOST_LINES or MARKED.match(lines[at]) or quotation_begins(lines, at):
            break
        if attribution_lines(lines, at):
            break
        if lines[at].strip():
            signed.append(lines[at])
    return signed
