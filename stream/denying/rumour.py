"""What is told as hearsay is refuted elsewhere in the text, or by whoever passes it on. Pure.

The verdict is a clause of its own on the news as a whole (网传爆炸。经核实，该信息不实; 没有的事//@李四:爆炸了). A
false detail (死亡数字不实) and a general call (请勿信谣传谣) refute nothing; what confirms it (火已扑灭) upholds it.
"""

import re

from stream.denying.doubt import BUT, aside, doubts_aside, is_mocked
from stream.denying.falsehood import END, EVENT, FALSE, IS, NEWS, NOT_ASKED, QUITE, VERDICT
from stream.denying.place import Place

_HEARSAY = re.compile(
    r"网传|传言|传闻|流传|谣传|听说|据说|群里|有(?:网友|网民|人|群众|帖子)[^,。]{0,4}(?:称|说|反映|发|传)|网上[^,。]{0,4}(?:说|传|称)|所谓"
    r"|网帖|帖子(?:称|说)|视频(?:称|说)"
)
_HEADING = re.compile(r"关于")  # of a notice, which may be of what happened
_OFFICIAL = re.compile(r"(?:通报|说明|回应|公告|声明)[^。!?;]{0,30}$")
_ABOUT = rf"(?:[该此这那条则个些类的]|上述|以上|相关|有关|网[传上络]|所谓|内容|{NEWS}|{EVENT})*"
_SOURCE = (
    r"(?:[^,。!?;:]{0,10}(?:官方|警方|公安|消防|网警|政府|局|公司|办|中心)(?:称|说|回应|通报|表示|证实|核实)+了?[:,]?"
    r"|[^,。!?;:]{1,14}:)"
)
_REFUTES = re.compile(  # a clause of its own, about the news as a whole
    rf"(?:^|[,。!?;:\n])(?:[^,。!?;:]{{0,4}}经[^,。!?;]{{1,10}}?,?)?{_SOURCE}?{_ABOUT}{QUITE}"
    rf"(?:{VERDICT}|{IS}?(?:消防|应急)?{FALSE}{NEWS}?的?{END}){NOT_ASKED}"
    rf"|(?:^|[,。!?;:\n])[^,。!?;]{{0,12}}(?:辟谣|澄清)(?!完|后|前)|(?:啥|什么)事儿?[也都]?没有|好好的{END}"
)
_TOLL = re.compile(  # 网传爆炸致三人死亡系谣言: all of it, unless others than those are dead
    rf"[^,。!?;]{{0,8}}(?:致|[\d一二两三四五六七八九十百千上多数]+[名人件户])[^,。!?;]{{0,8}}?(?:的{NEWS})?(?:{IS}(?:谣言|不实|虚假|假)|不实)"
    r"(?![^。!?\n]*(?:\d人|死|伤))"
)
_OF_WHAT = re.compile(r"的?[原起]因|[是系为由]")  # 网传爆炸系人为，官方：不实: that it was is not what is refuted
_STILL_ASKED = re.compile(r"求[真证]|真的[吗么]")
_NONE = r"(?<![有说])(?:没有|没|并?未|不存在|并无)(?:发生|出现|发现|任何)?"
_AFFIRMED = re.compile(
    r"(?<!不)属实|[是系]真的|确有其事|(?:致|造成)[^,。!?;]{0,4}?[\d一二两三四五六七八九十]+人?(?:死|伤|受伤|身亡)|已(?:被)?扑灭|事故原因|实际(?:死|有|上?是)"
)


def is_refuted(here: Place) -> bool:
    """Tells whether the text refutes a rumour of what is named, or somebody who passes it on does."""
    return _is_refuted_by_a_forwarder(here) or _is_refuted_beside(here)


def _is_refuted_by_a_forwarder(here: Place) -> bool:
    if not here.forwarders:
        return False
    said = "\n".join(map(aside, here.forwarders))
    return bool(_REFUTES.search(said) or _says_there_was_none(here, said)) and not (
        _is_upheld(said) or _STILL_ASKED.search(said)
    )


def _is_refuted_beside(here: Place) -> bool:
    heard, heading, official = (one.search(here.before) for one in (_HEARSAY, _HEADING, _OFFICIAL))
    if not (heard or heading or official) or _OF_WHAT.match(here.after):
        return False
    rest = aside(here.after)
    near = f"{doubts_aside(here.far_before)}…{rest}"
    refuted = (
        (heard and _REFUTES.search(near))
        or ((heard or heading) and _says_there_was_none(here, near))
        or ((heard or official) and _TOLL.match(rest))
    )
    return bool(refuted) and not _is_upheld(near)


def _says_there_was_none(here: Place, near: str) -> bool:
    event = re.escape(here.named.rstrip("了").replace("爆炸", "炸")).replace("炸", "爆?炸")
    return bool(re.search(_NONE + event, near))


def _is_upheld(near: str) -> bool:
    return bool(BUT.search(near) or is_mocked(near) or _AFFIRMED.search(near))
