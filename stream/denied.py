"""Whether a text says of something that it is not so: 没有爆炸, 网传爆炸不实. Pure, by short lists of words.

In doubt it is a claim: who asks (没有爆炸吗), supposes (要是没有爆炸), nearly saw it (差点没爆炸), denies that it is
denied (不是没有爆炸) or does not believe the denial (说没有爆炸，谁信) denies nothing, and a negation binds what stands
right behind it alone (没有人来，还在爆炸). Quotation marks and brackets change nothing (没有“爆炸”). Texts are folded
(stream/spelling/folding.py) or as they were written.
"""

import re

_DOUBTED = re.compile(
    r"(?:不是|并非|不算|才不是|绝非|别说|还说|硬说|居然说|竟说|竟然说|又说|就会说|说什么|当成?)(?:是|成|为|我们?|什么)?"
    r"(?:谣言|谣传|造谣|假的|误传|旧闻|旧视频|摆拍|编造|捏造)"
    r"|(?:不|没|没有|没人|无人|还没|迟迟不|也不|从不|拒绝|为何不|为什么不)(?:出来|站出来|发声|敢|肯|去)?(?:辟谣|澄清)"
    r"|(?:辟谣|澄清|谣言|不实|假的|误传)(?:吗|么|呢|吧|还是真的|\?|？)|(?:求|等|请|快|赶紧|需要|能否|能不能)(?:官方|出来|个)?(?:辟谣|澄清)"
    r"|真的?还?是?假的?|真假|是真是假|不知真假|(?:是不是|是否|难道是?|会不会是?)(?:真的|假的|谣言|误传|不实)"
    r"|不是不实|封口|(?:什么|啥|几)时候[^，。！？\n]{0,12}|何时[^，。！？\n]{0,12}|多久[^，。！？\n]{0,12}|怎么还没[^，。！？\n]{0,12}"
    r"|(?:假装|装作|就当|全当|当作?)(?:没|未|不)[^，。！？\n]{0,8}"
    r"|是(?:谣言|假的|造谣|瞎说)的(?:那|都|人|出来|站|滚|过来|来看|闭嘴|给我|麻烦|请)"
)
_DENIED = re.compile(
    r"谣言|辟谣|谣传|传谣|造谣|造的谣|误传|误读|不属实|不实|失实|不符合?事实|与事实不符|子虚乌有|无中生有|纯属|捏造|编造|杜撰"
    r"|假(?:消息|新闻|视频|图片|的)|虚假(?:信息|消息|内容)|不是真的|没有(?:任何|科学)?(?:依据|根据)|查无此事|没有(?:这回|此|这种)事"
    r"|没这回事|澄清|旧闻|旧视频|老视频|(?:别|不要|勿|不必|莫)(?:再|随便|轻易)?(?:相?信|轻信|听信|乱传|瞎传|传播|转发|传了|以讹传讹)"
    r"|别(?:再|瞎|乱|跟着)?传|一说不实|摆拍|(?<!是)不是(?:事实|这样|真)|伪造|移花接木|张冠李戴"
)
_SENTENCE = re.compile(r"[。!！?？;；\n]")
_QUOTES = re.compile(r"[\"“”'‘’「」『』《》〈〉<>【】\[\]()（）]")
_FAR = 200  # characters of other sentences in which a rumour may be denied
_NEAR = 24  # of the sentence

_NO = (
    r"(?:(?<![有淹吞沉埋湮点])没(?:有)?|(?<!点儿)(?<![来不])未(?:曾|见)?|(?<![从])从未|(?<![何未])不曾|并无|毫无|绝无|(?<!有)无"
    r"|(?<![\d零.])[零0]|冇|木有|莫得|没得|么得|唔系|不存在|(?<!是)不是|并非|绝非|(?<![会该])不会|不可能|哪里?有|哪来的?|哪里?是"
    r"|不叫|不算|算不上|称不上|谈不上|(?<![法能不])排除了?|(?:不用|不必|无需)担心)"
)
_ILLS = "爆炸|爆燃|闪爆|起火|着火|失火|明火|火灾|冒烟|泄[漏露]|坍塌|倒塌|触电|伤亡|中毒|被困|受伤|死亡|污染"
_PEOPLE = "学生|同学|同事|邻居|司机|孩子|员工|职工|工人|居民|村民|群众|市民|旅客|乘客|师生|患者|老人|用户"
_FILL = (
    r"(?:发生|出现|造成|引发|引起|导致|致使?|酿成|波及|存在|任何|什么|所谓的?|过|一起|人员|大规模|明显|网传的?|传说中的?"
    r"|你们?说的|那种|那样的?|这种|听说|听到|听见|看到|看见|见到?|发现|检出|检测到|监测到|查到|有|是|的|被|因此|现场|站内|设备|线路|新增|起|真的?|大|一[处例丝星]|本地|[这那]里|这边|我们这"
    r"|煤气|燃气|天然气|液化气|瓦斯|锅炉|变压器|电缆|电线|油罐|管道|粉尘|电气|食物|群体|集体"
    rf"|{_PEOPLE}|(?:{_ILLS})[、和或及与]"
    r"|[^,，。!?;\s]{1,6}(?:(?<!我)说|讲|传|担心|想象|描述|形式|意义上?|程度|报道|以为)的"
    r"|(?:变电|配电|发电|供电|加油|加气|工|电)(?:站|所|厂|房|箱))"
)
_NEGATED = re.compile(rf"(?:{_NO}{_FILL}{{0,4}}|(?<!是)不是(?:因为|由于))$")
# 没有一个人中毒: who is not; only before what befalls people, for 没人管着火 and 无人机起火 claim.
_NOBODY = re.compile(
    rf"(?:没|没有|无|未有|冇|并无)(?:一|任何)?(?:个|名|位|例)?(?:人|{_PEOPLE})?(?:因此|被|发生|出现)?$"
)
_BEFALLS = re.compile(r"伤亡|死伤|死亡|受伤|中毒|触电|被困|感染|确诊|遇难|失联|病死|坠亡")
_UNREPORTED = re.compile(
    rf"(?:没|没有|未|尚未|并未)(?:接到|收到|接获|有){_FILL}{{0,2}}(?:关于|有关|涉及)?{_FILL}{{0,2}}$"
)
_REPORT = re.compile(r"(?:的|类|相关)*(?:报告|报警|警情|险情|求助|报案|报修|记录)")
_NO_NEGATION = re.compile(
    r"(?:有没有?|是不是|会不会|差一?点儿?没|要是|如果|假如|倘若|(?<![宛])若(?!干)|万一|除非|难道|莫非|要不是|谁说|(?:谁|没人|无法|不能|不敢)[敢能]?保证|凭什么说|别说|还说|硬说|居然说|竟然?说"
    r"|(?:不|没人|谁|鬼才?|我才不)(?:敢|肯|会)?(?:相信|信)(?!谣)|骗人|瞎话|(?:不是|并非|不可能|不会|怎么?(?:可能|会)|哪(?:能|会)|岂(?:能|会)?)(?=没|无|未)"
    r"|假装|装作|就当|全当|只当|(?<![应每正])当(?=没|无|未)|还(?=不是|不算)|都(?=不算|不叫)|(?:哪怕|即[使便]|就算|以为|未必|敢说)(?=没|无|未|不))"
    r"[^,，。!?;]{0,12}$"
)
# Asked, or meant as the worst that could be said: 没有爆炸才怪, 没有爆炸那么简单, 没爆炸之前谁管过, 没发现起火的原因.
_ASKED = re.compile(
    r"[^,，。!！;；\n]{0,8}(?:吗|么(?!一)|呢|吧|[!！]{0,3}[?？]|是什么)|才怪|[就都]怪了|[那这]么|[之以]?前(?!来|往|夕)|我[吃把]"
    r"|(?:点|处)?的?(?:真正|具体|最终|任何)?(?:原因|真相|源头|起因|经过|责任|名单|人数|数字|数据|说法)"
)
_WHERE = re.compile(r"哪(?:里|儿)?[来是]的?$")  # 哪来的爆炸声 wants to know
_SOUND = re.compile(r"(?:报警)?声|现场|地点|位置|的?中心")
_RIGHT_OF_NOT = re.compile(r"了(?![,，]?(?:只|就|而)?是)[嘛啊呀啦!！。,，]*")  # 这不是着火了嘛 says that it burns
_DISBELIEVED = re.compile(
    r"谁信|鬼才?信|你信(?!我)|我信你|信你个|骗谁|骗鬼|(?<![别要勿在少再乱是被])(?:骗人|瞎话|瞎说|撒谎|扯谎|忽悠)|当我们?傻|呵呵|笑死|睁眼|(?<!没有)(?<![未不无])(?:掩盖|隐瞒)|亲眼|[可但]是?[我咱]们?[^,，。!?\n]{0,4}(?:听见|听到|看见|看到|碎)"
    r"|明明(?!没|不是|是(?:打雷|放炮|鞭炮|烟花|放烟花|演))|我拍到|[我咱]们?都(?:看|听)[见到]"
)
_BUT = re.compile(r"但|可是|可(?=[我咱你大群])|然而|却")

_END = r"(?=[,，。!！;；\s了]|而已|罢了|$)"
_FALSE = (
    r"(?:谣言|谣传|造谣|瞎传|乱传|瞎说|瞎编|胡编|胡说|乱编|假消息|假新闻|虚假|不实|失实|伪造|误传|误报|虚报|误会|误读|捏造|编造|杜撰|虚构|旧闻|旧视频|老视频"
    r"|摆拍|假的|移花接木|张冠李戴|无稽之谈|不可能的|没有的事|(?i:ai)(?:生成|合成|制作|造|做|换脸)|(?i:ps?)(?:的|图|过)"
    rf"|(?:(?<![改新])编的|合成的?(?:视频|图片?|画面)?|(?:外地|外省|国外|别处|别的(?:城市|地方)|其他(?:城市|地区))的?(?:事|视频|图片?|旧闻|新闻)?"
    rf"|(?:电影|电视剧|游戏|特效)[里中]?的?(?:片段|画面|情节|镜头|道具|截图)?){_END}"
    r"|(?:演练|演习)(?!时|中|期间|当天|出|发|导|结|后|前|场|基地|用))"
)
_SAID = r"的?(?:这[种个])?(?:说法|传言|消息|传闻|信息|情况)(?:完全|根本|并|都|均|纯属)?"
_MISTAKEN = (  # what it was instead: 以为爆炸了，原来是打雷
    r"[了呢吗啊]?[”」』)]?[,，?？!！]*(?:其实|原来|不过|只不过|只|就|那只?|都|就只)是(?:有人|隔壁|楼下|工地|在)?"
    r"(?:打雷|雷声|放炮|鞭炮|放鞭炮|烟花|放烟花|礼炮|爆胎|轮胎|烧秸秆|烧烤|炊烟|蒸汽|水汽|扬尘|灰尘|尘土|晚霞|霞光|大?雾|演习|演练|(?:施工|拆迁)的?(?:声|扬尘|灰尘))(?!引|导|造|把|劈|击|时|管|锅|炉|店|摊|厂|机)"
)
_SAID_FALSE = re.compile(
    rf"[^。!！?？;；\n]{{0,{_NEAR}}}?(?:(?<![不非])(?:系|是|为|属|纯属)[^,，。!?;]{{0,6}}?{_FALSE}|(?:并?不|均不|都不)属实|不实|与?事实不符|并非事实"
    rf"|子虚乌有|没有(?:的|这(?:回|种|个|件|么回)?|此)事|没这回事|不是真的|查无此事|(?:并?未|没有?|从未|不曾)(?:发生|出现|存在)过?{_END}|并?不存在{_END}"
    rf"|(?:已|被|官方|警方|公司|局)(?:被|经)?辟谣)"
    rf"|{_SAID}(?:(?:没有|毫无|缺乏|无)(?:任何|科学)?(?:根据|依据)|站不住脚|有误|被证伪)|的?可能性?(?:已经?|已?被)?排除{_END}"
    rf"|(?:这|那)(?:件|回|种)?事儿?(?:是)?没有的?{_END}|这(?:种|样的?)谣言|(?:事故|应急|逃生|疏散|消防|处置){{0,3}}(?:演练|演习)(?!时|中|期间|后|出|发)"
    rf"|(?:了|的)?(?:的?(?:谣言|谣传|不实|虚假|假)(?:信息|消息|传言|视频)?|[?？!！]*(?:假的|谣言|不实|不存在的|没有的事|没这回事|别信|官方辟谣|不是真的))"
    rf"|[?？!！.…:：]+(?:都是|纯属)?(?:消防|应急)?{_FALSE}{_END}|{_MISTAKEN}|的?(?:影子|影儿|迹象|痕迹)[都也]没"
)
_WARNED = re.compile(
    r"(?:(?:别|不要|勿|莫)(?:再)?(?:相?信|轻信|听信|乱传|瞎传|传播|转发|传)|谣传|谣言(?:称|说|中)?|造谣(?:称|说)?|辟谣[:：])[^,，。!?;\n]{0,16}$"
    r"|(?:电影|电视剧|小说|游戏|剧|片子)(?:里|中|里面)的?$|模拟$"
)
_NONE = r"(?<![有说])(?:没有|没|并?未|不存在|并无)(?:发生|出现|任何)?[“\"]?"
_SAYING = re.compile(
    r"(?:谁|别|不许|不准|不让|少|敢|凭什么|还|硬|居然|竟然?|好意思)(?:说|称|讲)(?:是)?[^,，。!?;\n]{0,10}$"
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


def is_doubted(text: str, end: int) -> bool:
    """Tells whether what the text says up to text[:end] is asked, supposed or not believed, so that it is not said."""
    after = _QUOTES.sub("", text[end : end + _FAR])
    return bool(_DISBELIEVED.search(after[:60]) or _NO_NEGATION.search(_before(text, end)) or _ASKED.match(after))


def is_denied(text: str, start: int, end: int) -> bool:
    """Tells whether the text says of what it names at text[start:end] that it is not so, or that it is but a rumour."""
    if text.startswith("起火灾", start):  # 引起火灾, 一起火灾: no 起火 is named here
        start += 1
    before, after = _before(text, start), _QUOTES.sub("", text[end : end + _FAR])
    if _DISBELIEVED.search(after[:60]):
        return False
    if _is_negated(before, text[start:end], after) and not _NO_NEGATION.search(before) and not _ASKED.match(after):
        return True
    rest = doubts_aside(after)
    if (_SAID_FALSE.match(rest) and not _SAYING.search(before)) or _WARNED.search(before):
        return not _BUT.search(_first(_SENTENCE, rest))
    return bool(_HEARSAY.search(before)) and _refuted(text, start, end)


def _is_negated(before: str, named: str, after: str) -> bool:
    """Tells whether a negation stands right before what is named; whoever says 不是着火了 says that it burns."""
    if _NEGATED.search(before):
        return not (
            (before.endswith("不是") and _RIGHT_OF_NOT.match(after)) or (_WHERE.search(before) and _SOUND.match(after))
        )
    if _BEFALLS.match(named) and _NOBODY.search(before):
        return True
    return bool(_UNREPORTED.search(before) and _REPORT.match(after))


def _before(text: str, start: int) -> str:
    """Cuts out what stands before a place in its sentence."""
    return _QUOTES.sub("", _SENTENCE.split(text[max(0, start - 60) : start])[-1])


def _first(pattern: "re.Pattern[str]", text: str) -> str:
    return pattern.split(text, maxsplit=1)[0]


def _refuted(text: str, start: int, end: int) -> bool:
    """Tells whether what is near the hearsay calls it false or says that there was none, and nothing doubts that."""
    near = doubts_aside(text[max(0, start - _FAR) : start] + text[end : end + _FAR])
    denied = _DENIED.search(near) or re.search(_NONE + re.escape(text[start:end]), near)
    return bool(denied) and not _BUT.search(near) and not _DISBELIEVED.search(near)
