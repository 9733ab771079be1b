"""A text as a whole says no to what is told elsewhere: 别信，那是谣言. Pure, by short lists of words.

Who calls false what somebody has promised, answered or put on record accuses (承诺全是假的, 编造理由不来修), and so
does who is called a liar himself (说我造谣); a general call to believe no rumours says nothing of what it stands under.
"""

import re

from stream.denying.doubt import doubts_aside
from stream.denying.place import SENTENCE

_END = r"(?=[,。!;:~\s了]|$)"
_GENERAL_CALL = re.compile(
    r"(?:(?:不(?!要)|勿|莫|拒绝)再?(?:[轻听相]?信|造|传播?|转发)|不要再?(?=(?:[轻听相]?信|造|传)谣传))"
    r"(?:[、或和及]?[不勿]?(?:[轻听]?信|造|传播?|转发))*(?:谣[言传]?|传言|(?:不实|虚假|未经证实的?)(?:信息|消息|言论))|谣言止于"
)
_MADE_UP = r"(?:捏造|编造|杜撰|伪造|无中生有|摆拍|误读)"  # with an object it is what somebody did: 编造理由
_DENIED = re.compile(
    r"谣言|辟谣|谣传|传谣|造谣|造的谣|误传|不属实|不实(?!名|施|行|用|惠)|失实|不符合?事实|与事实不符|子虚乌有"
    r"|纯属(?:谣|虚构|误|假|瞎|胡)|假(?:消息|新闻|视频|图片|的)|虚假(?:信息|消息|内容)|不是真的"
    rf"|没有(?:任何|科学)?(?:依据|根据){_END}|查无此事|没有(?:这回|此|这种|的)事(?!还|才)|没这回事|澄清"
    rf"|(?:纯属|[系是为属]|有人|恶意)[^,。!?;]{{0,4}}?{_MADE_UP}|{_MADE_UP}(?:谣言|虚假|不实|假)"
    r"|(?:[去前]年|年前|系|为|属|(?<!都)是)的?旧闻|旧闻[翻重]|旧视频|老视频|(?<!是)不是(?:事实|这样|真)|移花接木|张冠李戴"
    rf"|(?:别|不要|勿|不必|莫)(?:再|随便|轻易)?[轻听相]?信(?:他们|这些|那些|网|群|小道|流言|瞎|[^,。!?;]{{0,16}}(?:帖|视频|消息|谣|传[言闻])|[啊了]?{_END})"
    r"|别(?:再|瞎|乱|跟着)*传(?!播)|(?:不要|勿|莫)再?(?:[乱瞎]传|传了|以讹传讹)"
)
_ON_RECORD = re.compile(
    r"承诺|[回答]复|回访|工单|进度|账单|记录|签字|理由|(?:调查|鉴定)结论|报告|鉴定|验收|公示|台账|通知上|说好"
    r"|(?:公司|局|所|站|物业|领导|官方|单位|客服|厂家?)(?:所?[说讲]的|的(?:说法|解释|回应|声明|公告|通报|通知))"
)
_HEARSAY = re.compile(r"网传|网[上络]|谣|传[言闻]|流传|听说|有人")
_WRONGED = re.compile(
    r"(?<![听据])说我(?![们家公司市县区局省镇校院厂站国])|(?:诬[陷赖告蔑]|污蔑|冤枉)我(?!们?公?[司局])|栽赃"
)


def denies(text: str) -> bool:
    """Tells whether the text, or what it reports, says that what is told is not so.

    >>> denies("网传停电三天是假的"), denies("承诺全是假的，停电三天没人修")
    (True, False)
    """
    if _WRONGED.search(text):
        return False
    said = _GENERAL_CALL.sub("…", doubts_aside(text))
    return any(not _is_on_record(said[: one.start()]) for one in _DENIED.finditer(said))


def _is_on_record(before: str) -> bool:
    """Tells whether what is called false is what somebody answers for, by what the sentence names before."""
    sentence = SENTENCE.split(before[-60:])[-1]
    return bool(_ON_RECORD.search(sentence)) and not _HEARSAY.search(sentence)
