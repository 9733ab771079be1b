"""Who asks, supposes, wishes or does not believe a denial: then nothing is denied. Pure, by lists of words.

Texts are as stream/denying/place.py writes them.
"""

import re

from stream.denying.place import SENTENCE, Place, plain

_RUMOUR = r"(?:谣言|谣传|造谣|假的|误传|不实|旧闻|旧视频|摆拍|编造|捏造)"
_ASIDE = re.compile(
    rf"(?:(?:不是|并非|不算|绝非|别说|又说|还说|硬说|居然说|竟然?说|就会说|谁说|说什么|当成?|不信|被[^,。!?;\n]{{0,8}}说成?)"
    rf"(?:是|成|为|我们?|什么)?|(?<![据听])说我)(?!们?公?司){_RUMOUR}"
    r"|(?:不|没|没有|没人|无人|还没|迟迟不|也不|从不|拒绝|为何不|为什么不)(?:出来|站出来|发声|敢|肯|去)?(?:辟谣|澄清)"
    r"|(?:辟谣|澄清|谣言|不实|假的|误传)(?:吗|么|呢|吧|还是真的|\?)|(?:求|等|请|快|赶紧|需要|能否|能不能)(?:官方|出来|一?个|着)?(?:辟谣|澄清)"
    r"|真的?还?是?假的?|真假|是真是假|不知真假|(?:是不是|是否|难道是?|会不会是?)(?:真的|假的|谣言|误传|不实)"
    r"|不是不实|封口|(?:什么|啥|几)时候[^,。!?\n]{0,12}|何时[^,。!?\n]{0,12}|多久[^,。!?\n]{0,12}|怎么还没[^,。!?\n]{0,12}"
    r"|(?:假装|装作|就当|全当|当作?)(?:没|未|不)[^,。!?\n]{0,8}"
    r"|是(?:谣言|假的|造谣|瞎说)的(?:那|都|人|出来|站|滚|过来|来看|闭嘴|给我|麻烦|请)"
)

# What stands before a denial (up to twelve characters) and takes it back: a list a line, a kind a line.
_TAKEN_BACK = re.compile(
    "(?:"
    # asked
    r"有没有?|是不是|会不会|难道|难不成|莫非|谁说|别告诉我|怎么知道|(?:不是|并非|不可能|不会|怎么?(?:可能|会)|哪(?:能|会)|岂(?:能|会)?)(?=没|无|未)"
    # supposed
    r"|差一?点儿?没|(?<![主重首])要是|要不是|如果|假[如使]|倘若|(?<![宛])若(?!干)|万一|除非|既然|只要|除了(?=没|无|未)"
    r"|(?:哪怕|即[使便]|就算|以为|未必|敢说)(?=没|无|未|不)"
    # wished
    r"|希望|但愿|期?盼|祈祷|(?<![志自情不宁])愿(?!意|者)|说好的?"
    # said by whoever lies, insists, or is mocked for it
    r"|谎[报称说]|瞒报|诡称|坚称|宣称|声称|狡辩|诡辩|咬定|口口声声|(?<!并)非说|硬是?说|嘴上|嘴硬|还说|别说|居然说|竟然?说|凭什么说|造谣者|好好好?,|对对对?,|嗯嗯,?|(?<!早)就说|[要让叫逼教][^,。!?;]{0,6}说|对外|口径|胸脯"
    r"|骗人|瞎话|假装|装作|就当|全当|只当|(?<![应每正])当(?=没|无|未)|还(?=不是|不算)|都(?=不算|不叫)"
    # not believed
    r"|(?:不|没人|谁|鬼才?|我才不|别|勿|莫|不要)(?:再|敢|肯|会)?(?:相信|信)(?!谣)"
    # without proof
    r"|证据(?:证明|表明|显示|说明)?|谁能证明|(?:无法|不能|不敢|没法|难以)(?:证明|说明|保证|断定)|(?:谁|没人)[敢能]?保证"
    r"|不(?:代表|等于|意味着|见得|说明)|没[^,。!?;]{1,6}就(?:敢)?(?:说|称|宣布|断定|定性)"
    r")[^,。!?;]{0,12}$"
)
_SAYING = re.compile(
    r"(?:谁|别|不许|不准|不让|少|敢|凭什么|还|硬|居然|竟然?|好意思)(?:说|称|讲)(?:是)?[^,。!?;]{0,10}$"
)

# What stands right behind a denial and makes it a question, or the worst that could be said: 没有爆炸那么简单.
_ASKED = re.compile(
    r"[^,。!;\n]{0,8}(?:吗|(?<![什那这多怎])么(?!一)|吧|!{0,3}\?|是什么|是(?:骗人|假)的)|才怪|[就都]怪了|[那这]么(?!多|久)|[之以]?前(?!来|往|夕)|我[吃把]"
    r"|(?:点|处)?的?(?:真正|具体|最终|任何)?(?:原因|真相|源头|起因|经过|责任|名单|人数|数字|数据|说法|通报|公告|承诺)|这种话|的[鬼谎]话"
)
_THEN_WHAT = re.compile(  # 没着火哪来的烟: in its clause or the next one
    r"[^,。!;\n]{0,10},?[^,。!;\n]{0,10}(?:哪来|哪里来|怎么|为什?么|为啥|干嘛|干什么|干啥|咋)[^。!;\n]*|[^,。!?;\n]{2,10}什么(?=[,。!?]|$)"
)
_RUMOUR_MONGERS = re.compile(r"谣|瞎|传|信|慌|怕")  # 没有爆炸，为什么要造谣 asks something else
_MILDER = re.compile(r"(?:(?![没未无])[^。!?;\n]){0,6}(?:爆燃|闪爆|燃爆|闪燃|爆裂|(?<!爆)炸[了开])")  # 不是爆炸，是爆燃

_END = r"(?=[,。!?;~\s]|$)"
_DISBELIEVED = re.compile(
    r"谁信(?!谣)|鬼才?信|你们?(?:自己)?信(?!我)|我信你|信你个|我(?:也|就|才|可|们|们都|都)?不(?:相)?信(?!谣)|骗谁|骗鬼|当我们?傻|说了算|幻觉|鬼冒|自己[碎抖]|呵呵|睁着?眼"
    rf"|(?<!没有)(?<![未不无])(?:掩盖|隐瞒)|[,。!](?:骗人|瞎说|撒谎|瞎话)的?{_END}"
    r"|[可但]是?[我咱]们?[^,。!?\n]{0,4}(?:听见|听到|看见|看到|碎)|明明(?!没|不是|是)|[我咱]们?都(?:看|听|闻)[见到]"
)
_DISBELIEVED_OF_OTHERS = re.compile(  # who denies in his own voice says so too: 没着火，笑死，是晚霞
    rf"笑死|亲眼|我拍到|[,。!](?:都|全)是(?:骗人|瞎说)|(?<![别要勿在少再乱是被])(?:骗人|瞎话|瞎说|撒谎|扯谎|忽悠)|呢{_END}"
)
_CONTRADICTED = re.compile(  # what is seen, behind what others say: 说没着火，消防车来了八辆
    r"但|可(?=[我咱你大群]|是|来)|然而|却|实际|家属|死了|没了|哭|殡仪馆|医院|送医|,我(?!们?公?[司局市县区]|就?放心|[也就]?信)|消防车|救护车|(?i:icu)|浓烟|黑烟|都是烟|吐了|呛"
)
BUT = re.compile(r"但|可是|可(?=[我咱你大群])|然而|却")
_OF_OTHERS = re.compile(
    r"(?:(?<![我听])说|称|讲|宣布|通报|回应|表示|公告|公布|:)[^,。!?;]{0,14}$|又[^,。!?;]{0,3}辟谣[^。!?;]{0,14}$"
)


def doubts_aside(text: str) -> str:
    """Leaves out what quotes a denial in order to doubt it (官方还说是谣言), and what asks for one (怎么还不辟谣)."""
    return aside(plain(text))


def aside(words: str) -> str:
    """Does so in words that are plain already."""
    return _ASIDE.sub("…", words)


def is_disbelieved(here: Place) -> bool:
    """Tells whether what is said here is not believed: by whoever says that others say so, or who mocks it."""
    after = here.after[:60]
    if _DISBELIEVED.search(after):
        return True
    return bool(_DISBELIEVED_OF_OTHERS.search(after) and _OF_OTHERS.search(here.before))


def is_contradicted(here: Place) -> bool:
    """Tells whether others say that there is none of what is named, and the same sentence speaks against it."""
    return bool(_OF_OTHERS.search(here.before) and _CONTRADICTED.search(SENTENCE.split(here.after, maxsplit=1)[0]))


def is_mocked(text: str) -> bool:
    """Tells whether a text disbelieves or mocks what is said anywhere in it."""
    return bool(_DISBELIEVED.search(text) or _DISBELIEVED_OF_OTHERS.search(text))


def is_taken_back(here: Place) -> bool:
    """Tells whether what stands before or behind a denial makes it a question, a wish, a lie or a milder word."""
    return bool(
        _TAKEN_BACK.search(here.before)
        or _ASKED.match(here.after)
        or _MILDER.match(here.after)
        or ((then := _THEN_WHAT.match(here.after)) and not _RUMOUR_MONGERS.search(then[0]))
    )


def is_quoted(here: Place) -> bool:
    """Tells whether a verdict on what is named is somebody's whom the writer does not believe: 居然说爆炸是假的."""
    return bool(_SAYING.search(here.before) or _TAKEN_BACK.search(here.before))
