"""Whether a text says of something that it is not so: 没有爆炸, 网传爆炸不实. Pure, by short lists of words.

In doubt it is a claim: who asks (没有爆炸吗), supposes (要是没有爆炸), nearly saw it (差点没爆炸) or does not believe
the denial (说没有爆炸，谁信) denies nothing, and a negation binds what stands right behind it alone
(没有人来，还在爆炸). Texts are folded (stream/spelling/folding.py) or as they were written.
"""

import re

_DOUBTED = re.compile(
    r"(?:不是|并非|不算|才不是|绝非|别说|还说|硬说|居然说|竟说|竟然说|又说|就会说|说什么|当成?)(?:是|成|为|我们?|什么)?"
    r"(?:谣言|谣传|造谣|假的|误传|旧闻|旧视频|摆拍|编造|捏造)"
    r"|(?:不|没|没有|没人|无人|还没|迟迟不|也不|从不|拒绝|为何不|为什么不)(?:出来|站出来|发声|敢|肯|去)?(?:辟谣|澄清)"
    r"|(?:辟谣|澄清|谣言|不实|假的|误传)(?:吗|么|呢|吧|还是真的|\?|？)|(?:求|等|请|快|赶紧|需要|能否|能不能)(?:官方|出来|个)?(?:辟谣|澄清)"
    r"|真的?还?是?假的?|真假|是真是假|不知真假|(?:是不是|是否|难道是?|会不会是?)(?:真的|假的|谣言|误传|不实)"
    r"|不是不实|封口|(?:什么|啥|几)时候[^，。！？\n]{0,12}|何时[^，。！？\n]{0,12}|多久[^，。！？\n]{0,12}|怎么还没[^，。！？\n]{0,12}"
)
_DENIED = re.compile(
    r"谣言|辟谣|谣传|传谣|造谣|造的谣|误传|误读|不属实|不实|不符合?事实|与事实不符|子虚乌有|无中生有|纯属|捏造|编造|杜撰"
    r"|假(?:消息|新闻|视频|图片|的)|虚假(?:信息|消息|内容)|不是真的|没有(?:任何|科学)?(?:依据|根据)|查无此事|没有(?:这回|此|这种)事"
    r"|没这回事|澄清|旧闻|旧视频|老视频|(?:别|不要|勿|不必|莫)(?:再|随便|轻易)?(?:相?信|轻信|听信|乱传|瞎传|传播|转发|传了|以讹传讹)"
    r"|别(?:再|瞎|乱|跟着)?传|一说不实|摆拍|(?<!是)不是(?:事实|这样|真)"
)
_SENTENCE = re.compile(r"[。!！?？;；\n]")
_CLAUSE = re.compile(r"[,，。!！;；:：\n]")
_FAR = 200  # characters of other sentences in which a rumour may be denied
_NEAR = 24  # of the sentence

_NO = (
    r"(?:(?<![有淹吞沉埋湮点])没(?:有)?|(?<!点儿)(?<![来不])未(?:曾|见)?|(?<![从])从未|并无|毫无|绝无|(?<!有)无"
    r"|不存在|(?<!是)不是|并非|绝非|(?<!会)不会|不可能|哪里?有|哪来的?|(?<![法能不])排除了?|(?:不用|不必|无需)担心)"
)
_FILL = (
    r"(?:发生|出现|造成|引发|引起|导致|存在|任何|什么|所谓的?|过|一起|人员|大规模|明显|网传的?|传说中的?|你们?说的"
    r"|听说|听到|听见|看到|看见|见到?|发现|有|是|的|被|因此|现场|站内|设备|线路|(?:变电|配电|发电|供电|加油|加气|工|电)(?:站|所|厂|房|箱))"
)
_NEGATED = re.compile(rf"{_NO}{_FILL}{{0,4}}$")
_NO_NEGATION = re.compile(
    r"(?:有没有?|是不是|会不会|差一?点儿?没|要是|如果|假如|倘若|万一|除非|难道|莫非|谁说|凭什么说|别说|还说|硬说|居然说|竟然?说)[^,，。!?;]{0,12}$"
)
_ASKED = re.compile(r"[^,，。!！;；\n]{0,8}(?:吗|么(?!一)|呢|吧|\?|？|是什么)")
_DISBELIEVED = re.compile(
    r"谁信|鬼才?信|骗谁|骗人|骗鬼|瞎话|瞎说|撒谎|扯谎|忽悠|当我们傻|呵呵|掩盖|隐瞒|亲眼|明明|我拍到|[我咱]们?都(?:看|听)[见到]"
)
_BUT = re.compile(r"但|可是|可(?=[我咱你大群])|然而|却")

_FALSE = r"(?:谣言|谣传|假消息|假新闻|虚假|不实|误传|误会|误读|捏造|编造|杜撰|旧闻|旧视频|老视频|摆拍|假的|演练|演习)"
_END = r"(?=[,，。!！;；\s了]|$)"
_SAID_FALSE = re.compile(
    rf"[^。!！?？;；\n]{{0,{_NEAR}}}?(?:(?:系|是|为|属|纯属)[^,，。!?;]{{0,6}}{_FALSE}|(?:并?不|均不|都不)属实|不实|与?事实不符|并非事实"
    rf"|子虚乌有|没有(?:的|这回|这种|此)事|没这回事|不是真的|查无此事|(?:并?未|没有?|从未|不曾)(?:发生|出现|存在)过?{_END}|并?不存在{_END}"
    rf"|(?:已|被|官方|警方|公司|局)(?:被|经)?辟谣)"
    rf"|(?:了|的)?(?:的?(?:谣言|谣传|不实|虚假|假)(?:信息|消息|传言|视频)?|[?？!！]?(?:假的|谣言|不实|没有的事|没这回事|别信|官方辟谣|不是真的))"
)
_WARNED = re.compile(
    r"(?:(?:别|不要|勿|莫)(?:再)?(?:相?信|轻信|听信|乱传|瞎传|传播|转发|传)|谣传|谣言(?:称|说|中)?|造谣(?:称|说)?|辟谣[:：])[^,，。!?;\n]{0,16}$"
)
_HEARSAY = re.compile(
    r"网传|传言|传闻|流传|谣传|有(?:网友|网民|人|群众|帖子)[^,，。]{0,4}(?:称|说|反映|发|传)|网上[^,，。]{0,4}(?:说|传|称)|关于|所谓"
    r"|网帖|帖子(?:称|说)|视频(?:称|说)"
)


def denies(text: str) -> bool:
    """Tells whether the text, or what it reports, says that a claim is not so."""
    return bool(_DENIED.search(doubts_aside(text)))


def doubts_aside(text: str) -> str:
    """Leaves out what quotes a denial in order to doubt it, and what asks for one."""
    return _DOUBTED.sub("…", text)


def is_denied(text: str, start: int, end: int) -> bool:
    """Tells whether the text says of what it names at text[start:end] that it is not so, or that it is but a rumour."""
    before, after = _before(text, start), text[end : end + _FAR]
    if _DISBELIEVED.search(after[:60]):
        return False
    if _NEGATED.search(before) and not _NO_NEGATION.search(before) and not _ASKED.match(after):
        return True
    rest = doubts_aside(after)
    if _SAID_FALSE.match(rest) or _WARNED.search(before):
        return not _BUT.search(_first(_SENTENCE, rest))
    return bool(_HEARSAY.search(before)) and _refuted(text, start, end)


def _before(text: str, start: int) -> str:
    """Cuts out what stands before a place in its sentence."""
    return _SENTENCE.split(text[max(0, start - 60) : start])[-1]


def _first(pattern: "re.Pattern[str]", text: str) -> str:
    return pattern.split(text, maxsplit=1)[0]


def _refuted(text: str, start: int, end: int) -> bool:
    """Tells whether what is near the hearsay calls it false, and nothing behind it doubts that."""
    near = doubts_aside(text[max(0, start - _FAR) : start] + text[end : end + _FAR])
    return bool(_DENIED.search(near)) and not _BUT.search(near) and not _DISBELIEVED.search(near)
