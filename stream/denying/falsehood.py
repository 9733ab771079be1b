"""What is named is called false: a rumour, an old video, a drill (爆炸是谣言, 爆炸视频是去年的). Pure.

The verdict stands right behind the event or behind news of it: a false number, cause or report is a detail, and the
event is claimed all the same (爆炸死亡人数是假的).
"""

import re

from stream.denying.doubt import BUT, aside, is_disbelieved, is_quoted
from stream.denying.place import SENTENCE, Place

END = r"(?=[,。!;:~\s了我你别请]|大家|而已|罢了|$)"
NEWS = r"(?:消息|讯息|信息|说法|传言|传闻|谣传|言论|新闻|视频|录像|图片?|照片|画面|截图|帖[子文]|通知)"
EVENT = r"(?:一说|情形|情况|事件|事故|一事|这(?:[件回种]?)事儿?|的?事儿?(?!实|故|业|先|后))"
_BEHIND = (  # what still names it
    r"[了啊呢]?声?(?:[一两三四五六七八九十\d]+(?:天|小时|周))?"
    rf"(?:的|这[种个类些]?|那[种个些条]?|相关|有关|现场|拍|{NEWS}|{EVENT})*"
)
QUITE = r"(?:都|全|完全|根本|并|均|纯|就|确实|已经?|其实|绝对|肯定|也|只|不过|那|早已?|纯属|被|官方|警方|公安)*"
_ELSEWHERE = r"(?:外地|外省|国外|别处|(?:别|其他)的?(?:城市|地方|地区))"
FALSE = (
    r"(?:谣言|谣传|造谣|[瞎乱]传|瞎[说编]|胡[编说]|乱编|假(?:消息|讯息|新闻)|虚假|不实(?!名)|失实|误[传报诊发]|虚报|误读|捏造|编造|杜撰|旧闻|[旧老](?:视频|图|照)"
    r"|移花接木|张冠李戴|无稽之谈|不可能的|没有的事儿?|(?i:ai)(?:生成|合成|制作|造|做|换脸|视频|图)|(?i:ps?)(?:的|图|过)"
    rf"|(?:误会|伪造的?|虚构的?|摆拍的?|假的|(?<![改新])编的|合成的?{NEWS}?|{_ELSEWHERE}的?(?:事|{NEWS}|旧闻)"
    rf"|(?:电影|电视剧|游戏|特效)[里中]?的?(?:片段|画面|情节|镜头|道具|截图)?){END}"
    r"|(?:演练|演习)(?!时|中|期间|当天|出|发|导|结|后|前|场|基地|用|是))"
)
IS = r"(?:系|是|为|属于?|纯属)"
VERDICT = (
    rf"(?:{IS}(?:[^,。!?;没不非未]{{0,6}}?){FALSE}|(?:不|并不|均不|都不)属实|不实(?!名)|失实|与?事实不符|并非事实|子虚乌有"
    rf"|没有(?:的|这(?:回|种|个|件|么回)?|此)事|没这回事|不是真的|查无此事|并?无此事|(?:并?未|没有?|从未|不曾)(?:发生|出现|存在)过?{END}|(?:是|(?<=事)|(?<=事儿))没有的?{END}"
    rf"|并?不存在的?{END}|辟谣|站不住脚|有误|证伪|(?:没有|毫无|缺乏|无)(?:任何|科学)?(?:根据|依据){END})"
)
NOT_ASKED = r"(?!的?[吗么吧呢?])"
_NO_CAUSE = r"(?![^,。!?;\n]{0,8}(?:造成|导致|引[发起]))"  # 起火是虚报负荷造成的
_VOICE = r"(?:[^,。!?;:]{0,12}(?:回应|辟谣|澄清|通报|答复|答)了?:?|[^,。!?;:]{1,12}:)"
_CALLED = re.compile(
    rf"(?:{_BEHIND}(?<!的)(?:是[^,。!?;]{{1,3}}年的事,)?{QUITE}{VERDICT}{_NO_CAUSE}"  # 爆炸视频是假的
    rf"|{_BEHIND}的?(?:谣言|谣传|(?:不实|虚假|假){NEWS}|(?:辟谣|澄清)(?:[通公]告|说明|声明))"  # 爆炸的谣言
    rf"|的?(?:现场)?的?{NEWS}(?:拍的?)?是[^,。!?;没不]{{0,4}}?{_ELSEWHERE}"
    rf"|{_BEHIND}[吗呢啊]?(?:[?!.…:|]+{_VOICE}?|,){QUITE}"  # 爆炸？官方：假的
    rf"(?:{VERDICT}|(?:消防|应急)?{FALSE}{NEWS}?)的?{END}"
    r"|(?:事故|应急|逃生|疏散|消防|处置){0,3}(?:演练|演习)(?!时|中|期间|后|出|发)"
    rf"|的?可能性?(?:已经?|已?被)?排除{END}|的?(?:影子|影儿|迹象|痕迹)[都也]没){NOT_ASKED}"
)
_WHO_SAYS = re.compile(r"[说传讲喊][^,。!?;]{0,12}$")  # 说爆炸的都是造谣
_ARE_LIARS = re.compile(r"了?的人?(?:都|全|就)*(?:是|在)+(?:造谣|[瞎胡]说|骗人)")

_ASKS = re.compile(r"是不是|有没有|问")
_SPOKEN = r"了?[吗呢啊]?(?:没有?)?"
_NOTHING = rf"(?:并|根本|真的?|当然|肯定)*(?:没有?|未|无|否)(?:发生)?(?:的事|这回事|[啊哦的呀])?{END}"
_ANSWERED = re.compile(rf"{_SPOKEN}\?+(?:{_VOICE}?{_NOTHING}|不是[,!]?(?:只|就)?是(?![^,。!?;]*[炸爆火燃漏]))")
_ANSWERED_AT_ONCE = re.compile(rf"{_SPOKEN}[?,]+{_NOTHING}")  # 有人问是不是爆炸了，没有
_NO = re.compile(r"(?<!有)没有?$|[未无非]$|(?<!是)不是$")

_DISTRUST = re.compile(
    r"(?:别|不要|勿|莫)(?:再|随便|轻易)?(?:相?信|轻信|听信)(?![^,。!?;]*(?:说的|通报|公告|公司|官方))[^,。!?;]{0,12}$"
)
_HUSH = re.compile(r"(?:别|不要|勿|莫)(?:再|瞎|乱|随便|到处|跟着)*传(?!播)[^,。!?;]{0,12}$")
_NO_MORE = re.compile(rf"(?:了|的|这[种些]|什么的|{NEWS}|{EVENT}|谣言|鬼话)*(?=[,。!…;~\s]|$)")
_TOLD_AS_FALSE = re.compile(
    r"(?:谣传|谣言(?:称|说|中|:)|造谣(?:称|说)?(?!的|者)|辟谣:)[^,。!?;]{0,16}$"
    r"|(?:电影|电视剧|小说|游戏|剧|片子)(?:里|中|里面)的?$|模拟$"
)


def is_called_false(here: Place) -> bool:
    """Tells whether a verdict stands right behind what is named, an answer of no, or a warning before it."""
    if is_disbelieved(here):
        return False
    rest = aside(here.after)
    if not (_is_called(here, rest) or _is_answered(here) or _is_warned_of(here, rest)):
        return False
    return not BUT.search(SENTENCE.split(rest, maxsplit=1)[0])


def _is_called(here: Place, rest: str) -> bool:
    if is_quoted(here):
        return False
    return bool(_CALLED.match(rest) or (_WHO_SAYS.search(here.before) and _ARE_LIARS.match(rest)))


def _is_answered(here: Place) -> bool:
    if _NO.search(here.before):
        return False
    answer = here.after.replace(here.named, "", 1)  # 爆炸？没有发生爆炸
    return bool(_ANSWERED.match(answer) or (_ASKS.search(here.before) and _ANSWERED_AT_ONCE.match(answer)))


def _is_warned_of(here: Place, rest: str) -> bool:
    if _TOLD_AS_FALSE.search(here.before):
        return True
    return bool((_DISTRUST.search(here.before) or _HUSH.search(here.before)) and _NO_MORE.match(rest))
