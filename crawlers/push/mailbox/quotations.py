"""Where in a plain text another mail begins: the lines that programs write before what they quote. Pure.

People write such lines too: a rule, a list of fields, `他写道：`. A program's say when, and stand as a whole.
"""

import regex

MARKED = regex.compile(r"^\s*(?:(?:>|＞)\s?)+")
# Rules that name a mail, as programs call it, are theirs; any other only where what is quoted begins below.
_LABELLED = regex.compile(
    r"(?i)^\s*[-－—_*=]{2,}\s*(原始邮件|原邮件|原始郵件|回复的?(原)?邮件(信息)?|转发的?邮件(信息)?|邮件原文"
    r"|original( message| (e-?)?mail)?|forwarded message|forwarded by.*)\s*[-－—_*=]{2,}\s*$"
)
_RULE = regex.compile(r"^\s*(?:[-－—_＿*=]{10,}|[-－—_*=]{2,}[^-－—_*=]{1,30}[-－—_*=]{2,})\s*$")
_BARE_RULE = regex.compile(r"^\s*[-－—_＿*=]{10,}\s*$")
_HEADER = regex.compile(
    r"(?i)^\s*[|*]*\s*(?:(?P<sender>发\s*件\s*人|寄件者|寄件人|from)|(?P<date>发送时间|发送日期|寄件日期|日\s*期|时\s*间|sent|date)"
    r"|(?P<to>收\s*件\s*人|收件者|to)|(?P<subject>主\s*题|主旨|subject)|(?P<copy>抄\s*送|副本|cc))\s*\**\s*[:：|]"
)
_GOES_ON = regex.compile(r"[,;，；<]\s*$")  # of a list of addresses that goes on in the next line
_COLON = regex.compile(r"[:：]\s*$")
_SAID = regex.compile(r"(?i)^.{0,300}(写道|寫道|wrote|writes|schrieb)\s*[:：]\s*$")
_VERB = regex.compile(r"(?i)^\s*(写道|寫道|wrote|writes|schrieb)\s*[:：]\s*$")
_WHEN = regex.compile(r"20\d\d|\d[:：]\d\d")
_ADDRESS = regex.compile(r"[<‹＜(（\[]\s*[^\s<>]{1,100}@[^\s<>]")
_LONGEST_HEAD = 16  # lines: lists of addresses are wrapped
_WRAPPED = 3  # lines of `On … NAME <address> wrote:`
_BELOW_RULE = 4  # lines, blank or further rules


def is_rule(line: str) -> bool:
    """Tells whether a line is nothing but a rule."""
    return _BARE_RULE.match(line) is not None


def is_label(line: str) -> bool:
    """Tells whether a line is a rule that says that a mail follows."""
    return _LABELLED.match(line) is not None


def is_header(line: str) -> bool:
    """Tells whether a line has the form of a mail's header, as a line of anybody's may."""
    return _HEADER.match(line) is not None


def says_who_wrote(line: str) -> bool:
    """Tells whether a line ends as those do that say who wrote what follows, as a line of anybody's may."""
    return _SAID.match(line) is not None


def header_lines(lines: list[str], at: int) -> int:
    """Counts the lines of a quoted mail's headers that begin here; 0 where it is none.

    A program tells whose mail it is, then at least two more, one of which is when, by year or clock. Who retells a mail
    in fields (`发件人：供应商`) leaves that out.
    """
    told: set[str] = set()
    end, dated, goes_on = at, False, False
    for number in range(at, min(at + _LONGEST_HEAD, len(lines))):
        line = lines[number]
        found = _HEADER.match(line)
        if found is None:
            if line.strip() and not goes_on:
                break
            goes_on = bool(_GOES_ON.search(line))
            continue
        kind = str(found.lastgroup)
        if kind in told or (number == at) is not (kind == "sender"):
            break
        told.add(kind)
        end, goes_on = number + 1, bool(_GOES_ON.search(line))
        dated = dated or (kind == "date" and _WHEN.search(line) is not None)
    return end - at if dated and len(told) > 2 else 0


def attribution_lines(lines: list[str], at: int) -> int:
    """Counts the lines, one or wrapped, that say who wrote what is quoted below; 0 where they do not.

    Below a person's `他写道：` nothing is marked as a quotation; a program tells an address and a time.
    """
    if not any(_COLON.search(line) for line in lines[at : at + _WRAPPED]):
        return 0
    for count in range(1, _WRAPPED + 1):
        said = lines[at : at + count]
        if len(said) < count or not said[-1].strip():
            return 0
        if _SAID.match(" ".join(said)):
            return count if _is_programs(said, _below(lines, at + count)) else 0
    return 0


def quotation_begins(lines: list[str], at: int) -> bool:
    """Tells whether from this line on all is another mail."""
    if is_label(lines[at]) or header_lines(lines, at):
        return True
    if said := attribution_lines(lines, at):
        below = _below(lines, at + said)
        return bool(below) and not MARKED.match(below)
    if not _RULE.match(lines[at]):
        return False
    end = at + 1
    while end < min(at + _BELOW_RULE, len(lines)) and (not lines[end].strip() or is_rule(lines[end])):
        end += 1
    return end < len(lines) and bool(header_lines(lines, end) or attribution_lines(lines, end))


def _is_programs(said: list[str], below: str) -> bool:
    """Tells whether a program wrote this attribution, and its first line with it."""
    if _is_whole(said):
        return not _is_whole(said[1:])  # else the first line is the writer's own
    quoted = not below or MARKED.match(below) is not None
    return quoted and (len(said) == 1 or (bool(below) and bool(_VERB.match(said[-1]) and _WHEN.search(said[0]))))


def _is_whole(said: list[str]) -> bool:
    words = " ".join(said)
    return bool(_ADDRESS.search(words) and _WHEN.search(words))


def _below(lines: list[str], at: int) -> str:
    return next((line for line in lines[at:] if line.strip()), "")
