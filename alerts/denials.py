"""Whether a text says that something is not so, that all are well, or thanks: no accusation, however it was labelled.

Small lists of cues, for short texts of ordinary people and offices. What quotes a denial in order to doubt it
(官方还说是谣言, 怎么还不辟谣) or asks (真的假的) is none. Pure.
"""

import re

from stream.denied import denies as denies
from stream.denied import doubts_aside, is_doubted

_SAFE = re.compile(
    r"虚惊一场|安然无恙|有惊无险|(?:人|都|大家|全部?|均)(?:都|还|很|平安|没受伤)?(?:平安|安全|没事|无恙|好好的)"
    r"|(?:平安|人都?没事|没事了|没事儿了|没啥事|没出事|没什么事)(?!吧|吗|么|找事|故)"
    r"|(?:没有|未造成|无|并无|没)(?:任何)?(?:人员?)?(?:伤亡|受伤)|一切正常|(?:已经?|全部|现已|均已|都)(?:恢复|来电|通电|修好|解决)"
    r"|(?:请|大家|市民|各位|可以|尽可|敬请)放心|不(?:用|必)(?:担心|惊慌|恐慌|害怕)"
)
_HOW_SAFE = re.compile(
    r"(?:不|没|没法|无法|怎么|怎能|如何|叫人|让人|谁能|难以|才能)(?:能|会|让人|敢)?放心|放心吗|安全吗|安全隐患|人身安全"
)
_THANKED = re.compile(
    r"感谢|谢谢|多谢|致谢|辛苦(?:了|啦|你们|师傅|大家)|点赞|(?:真|很|太|超级?|挺)给力|多亏|好样的|致敬|表扬|锦旗|效率(?:真|很|太)?高|(?:处理|修|来|解决)得(?:真|很|挺)?(?:快|及时)"
)
_COURTESY = re.compile(r"(?:非常|十分|万分|不胜)?(?:感谢|谢谢|多谢)(?:了|啦|您|你们|领导|大家)?[！!。.~，,\s]*$")
_MOCKING = re.compile(
    r"呵呵|\[(?:doge|二哈|呵呵|吃瓜|小丑|摊手|白眼)\]|真是?(?:要|得)?谢谢你|可真|[\"“]感谢[\"”]|好意思|\[微笑\]|谢谢你们?全家"
    r"|(?:谢谢|感谢|多亏)[^，。！？\n]{0,12}[，,]?(?:让|把|害|叫|督促|教会|逼着?)[^，。！？\n]{0,4}(?:我|咱|老百姓|大家|孩子|居民|业主)"
)
_ASKED = re.compile(r"请|希望|恳请|求|麻烦|能不能|能否|建议|投诉|反映|强烈要求|盼|望")


def reassures(text: str) -> bool:
    """Tells whether the text says that people are well or that things work again; who asks or disbelieves does not."""
    said = _HOW_SAFE.sub("…", doubts_aside(text))
    return any(not is_doubted(said, one.end()) for one in _SAFE.finditer(said))


def thanks(text: str) -> bool:
    """Tells whether the text thanks or praises; not where it ends a request with a thank-you, or mocks."""
    told = _COURTESY.sub("", text) if _ASKED.search(text) else text
    return bool(_THANKED.search(told)) and not _MOCKING.search(text)
