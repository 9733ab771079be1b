"""It only looked or sounded so: 以为爆炸了，结果是打雷. Pure.

What it was instead is one of a few harmless things, and not what brought it about (其实是放鞭炮引的): of a fire, what
sparks or smokes may be the cause, and in doubt it is.
"""

import re

from stream.denying.place import Place

_HARMLESS = (
    r"(?:晚霞|霞光|夕阳|灯光|大?雾|雾气|水蒸?[汽气]|蒸[汽气]|热气|(?:(?:施工|拆迁)的?)?(?:扬尘|灰尘|尘土)|演习|演练"
    r"|误报|虚惊)"
)
_SPARKS = (
    r"(?:打雷|雷声|放炮|(?:燃?放)?(?:鞭炮|爆竹|烟花|礼炮)|爆胎|轮胎|打桩|爆破(?:施工|作业)?|施工声|烧秸秆|烧烤|烧荒|烧垃圾"
    r"|焚烧(?:垃圾|秸秆|杂物)|炊烟)"
)
_ANY = rf"(?:{_HARMLESS}|{_SPARKS})"
_WHOSE = r"[^,。!?;没不的因炸爆火漏]{0,6}?"  # 隔壁工地放炮
_END = r"(?:的|声音?|而已|罢了|呢|啦|啊)*(?=[,。!?;~\s]|$)"

_FIRE = re.compile(r"[起着失大山]火|火灾")
_SO_CALLED = re.compile(r"(?:网传|所谓)[^,。!?;]{0,8}$")
_SMOKE = re.compile(r"[冒黑浓]烟")
_SPOKEN = r"[了吗呢啊]?声?[,?!]*"
_REALLY = r"(?:其实|原来|结果|不过|只不过|只|就|那只?|都|就只|实际上?|实|后来?|经?证实|发现|才知道)+"


def _was(link: str, what: str) -> re.Pattern[str]:
    return re.compile(rf"{_SPOKEN}{link}{_WHOSE}{what}{_END}")


_WAS_HARMLESS = _was(rf"{_REALLY}[是为系]", _HARMLESS)
_WAS_ANY = _was(rf"{_REALLY}[是为系]", _ANY)
_SOUND_WAS = re.compile(rf"(?:的?声音?|的烟)?[,?]?实?[是为系]{_WHOSE}{_ANY}{_END}")
_CHECKED = r"[^。!?;\n]{0,10}[,。](?:后?经|现场)[^,。!?;\n]{1,8},?[^,。!?;\n]{0,6}?[是为系]"
_CHECKED_HARMLESS, _CHECKED_ANY = (re.compile(rf"{_CHECKED}{_WHOSE}{what}{_END}") for what in (_HARMLESS, _ANY))

_SEEMED = re.compile(r"(?:以为|[听看](?:着|起来|上去)?(?:好?像|似)|疑似|像)[^,。!?;没不]{0,8}$")
_TURNED_OUT = re.compile(
    rf"了?(?:一样|似的)?[呢啊]?[,!?]*(?:[^,。!?;\n]{{1,10}},)?(?:{_REALLY}[是为系]?|[是为系]){_WHOSE}{_ANY}{_END}"
)
_TAKEN_FOR = re.compile(
    r"(?:误(?:以为|认为|当成?|[认听看]成)|[把将][^,。!?;没不]{1,8}(?:当成?|误认为|误以为|[认听看]成))[^,。!?;没无未不]{0,4}$"
)
_GOES_ON = re.compile(r"声?(?:已|不|没|会|能|是|的)")  # 误以为火灾已灭, 误以为爆炸是放炮

_FALSE_ALARM = re.compile(  # 后来说是检修放电声，虚惊一场
    r"[^\n]{0,80}?[是为系](?![^,。!?;\n]*[炸爆火燃烧漏塌死伤])[^,。!?;\n]{1,14}[,。!]+虚惊一场(?!\?)"
)


def only_seemed(here: Place) -> bool:
    """Tells whether the text says that what is named only seemed to be so, and what it was."""
    if _TAKEN_FOR.search(here.before):
        return not _GOES_ON.match(here.after)
    if _SEEMED.search(here.before) and _TURNED_OUT.match(here.after):
        return True
    if _FIRE.match(here.named):
        return bool(_WAS_HARMLESS.match(here.after) or _CHECKED_HARMLESS.match(here.after) or _alarmed(here))
    heard = here.named.endswith("声") or here.after.startswith(("声", "的声"))
    seems = heard or _SMOKE.match(here.named) or _SO_CALLED.search(here.before)
    return bool(
        _WAS_ANY.match(here.after)
        or _CHECKED_ANY.match(here.after)
        or (seems and _SOUND_WAS.match(here.after))
        or _alarmed(here)
    )


def _alarmed(here: Place) -> bool:
    return bool(_FALSE_ALARM.match(here.after))
