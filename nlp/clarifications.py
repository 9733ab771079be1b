"""Whether a post is the organisation's own word that something is not so. Rules, by voice and by what is said. Pure.

An organisation speaks under a heading (【辟谣】, 情况说明, 某某公司声明：) or of itself (我公司从未…). Whoever says I,
asks, chats, reports what others declared or quotes their declaration is a passer-by: in doubt nobody clarifies.
"""

import regex

from stream.denied import denies, is_denied

_KINDS = r"(?:公司|司|局|院|校|行|所|厂|社|中心|单位|部门|集团|市供电|街道|社区|委|办)"
_OURS = regex.compile(
    rf"(?:我|本){_KINDS}(?!(?:的)?(?:门口|门前|楼下|楼上|旁|附近|对面|隔壁|周边|边上|后面|前面|外面)|里[的有面]|域|业|子|人|有[人没]|以[^,。]|知|见|素|吗|了)"
)
_OUR_COMMON = regex.compile(rf"我们{_KINDS}")  # an employee says so too
_FORMAL = regex.compile(
    r"请勿|敬请|声明|通报|公告|核实|核查|特此|不实|谣言|属实|虚假|澄清|从未|未授权|未委托|冒充|假冒|伪造|法律责任|为准"
)
_NAMES = r"(?:辟谣|澄清|声明|情况说明|情况通报|通报|公告|通告|说明|回应)"
_PARTS = r"(?:紧急|今日|官方|权威|网络|郑重|严正|重要|最新|联合|致歉[和及与]|关于[^,。!?\]】]{2,40}的)"
_OFFICE = r"[\w·]{0,14}(?:公司|局|供电|电力|中心|集团|警方|公安|消防|校方|院方)"
_ANSWERS = rf"{_OFFICE}(?:官方)?(?:回应|辟谣|澄清)?:\W{{0,3}}(?:系|纯属)?"  # 网传爆炸?供电公司:不实
_HEADED = regex.compile(
    rf"[^\w]*(?:[\[【#][^\]】#,。!?]{{0,16}}{_NAMES}[\]】#]"
    rf"|(?:[\w·]{{2,16}}:)?{_PARTS}{{0,3}}{_NAMES}(?:公告|说明|书|函)?(?:[^\w,。?]|$|\s))"
    rf"|[^,。!?;]{{2,28}}?(?:官方|郑重|严正|紧急)?(?:发布)?{_NAMES}(?:[\"“「][^\"”」]{{1,20}}[\"”」])?(?:如下)?:"
    r"|[\w·]{2,16}:[^。!?]{0,6}(?:网传|网络|网上|有关)[^。!?]{0,40}(?:不实|谣言|虚假)"
    rf"|{_OFFICE}:[^。!?]{{0,40}}(?:不实|谣言|虚假)"
    rf"|[^。!?]{{2,60}}\?\W{{0,3}}{_ANSWERS}(?:不实|谣言|假)"
)
_ASSURED = regex.compile(
    r"特此(?:声明|说明|公告|澄清|通报|辟谣)|以[^,。!?]{0,12}(?:发布|通报|公告|信息|通知)(?:的[^,。]{0,6})?为准|公安机关(?:立案|介入)"
    r"|(?<![\w])经(?:我们|多方|现场|初步|公安机关|有关部门|调查)?(?:核实|核查|调查|了解|查实?),"
)
_PERSONAL = regex.compile(
    rf"我(?!们|{_KINDS}|[市省县区镇乡国台站店处队馆方])|我们(?:家|这|那|小区|楼|村|班|宿舍|群|也)|本人|俺|咱|哈哈|呵|嘿|笑死|散了|坐等"
    r"|求[^,。!?]{0,6}(?:通报|辟谣|说明|回应|声明)|[呗啦喽呀哟哦嘞]|[吧嘛哈啊](?=[,。!~\s\[]|$)"
    rf"|\?(?!\W{{0,3}}(?:{_ANSWERS})?(?:不实|谣言|假|官方|真相|回应|辟谣|别信|没有))"
    r"|\[(?:doge|微笑|呵呵|二哈|允悲|白眼|吃瓜|笑cry|摊手|小丑|鄙视|哈哈|偷笑|怒|怒骂|吐|鼓掌|费解|嘻嘻|挖鼻|哼|黑线|费解|拜拜)\]"
)
_REPORTED = regex.compile(
    rf"据[^,。!?]{{2,20}}(?:通报|声明|消息|介绍|透露|说)|记者|发(?:了|出|布了)(?:个|一份|一则)?{_NAMES}|{_NAMES}(?:里|中)?(?:说(?!明)|称|了|来了|都|是|写|真)"
    r"|(?:^|[,。!\s])(?:刚|才|刚刚|已经?)?(?:看到|看了|刷到|瞅)|又(?:来|是(?!谣言)|发|开始)|[这那](?:份|个|篇|种|则|就叫|叫|也叫)|(?:^|\s)转(?:发|载|自)?[:\[【]"
    rf"|(?:公司|供电[局所]|官方)(?:所|却|还|都|竟)?(?:说|声称|宣称|谎称|(?:通报|声明|回应)的)"
    rf"|网友(?:不|都|纷纷|评论|热议|炸)|买账|好意思|什么叫|[\"“‘「]{_PARTS}{{0,2}}{_NAMES}[\"”’」]|[\"“‘「][^\"”]{{0,4}}(?:我|本){_KINDS}"
)
# What an office says that it does not do. What it was never given (从未收到赔偿) its customers say of it.
_REFUSES = regex.compile(
    rf"从[未不](?![收接得拿看听遇见])|未(?:曾)?(?:授权|委托|发布|开展|组织|安排|指派|有过|与[^,。]{{0,12}}合作)|伪造|假冒|冒充"
    rf"|与(?:我|本)(?:公司|司|局|单位|行|院|校)无关"
    rf"|没有(?:任何)?(?:涨价|收取|委托|授权|发布|拖欠|推出|开展|举办|组织)|(?:并非|非|不是)(?:由|发生在)?(?:我|本){_KINDS}"
    r"|不存在[^,。!?]{0,12}(?:行为|情况|现象|问题)"
)
# Before such a refusal: somebody else is who does not.
_OTHERS = regex.compile(r"(?<![我本]|[我本]们)(?:公司|供电|电网|电力|局|物业|你们|他们|对方)[^,。!?;:]{0,8}$")
# That nobody was hurt is said of what happened.
_DANGER = regex.compile(
    r"爆炸|爆燃|起火|着火|失火|火灾|冒烟|泄[漏露]|坍塌|倒塌|触电|中毒|大面积停电|停电(?!通知)|停水(?!通知)|确诊|感染"
)
# Whoever confirms warns of rumours too.
_WARNED = regex.compile(
    r"[不勿别莫](?:要|再)?(?:轻易|随意|随便)?(?:(?:造谣|信谣|传谣)+|(?:相?信|轻信|听信|传播|转发|扩散)(?:谣言|传言|不实|虚假)?)"
)
_FOUND_SOUND = regex.compile(r"(?:网传|传言|传闻|流传)[^?]{0,120}经[^,。?]{0,8}[核调查][^?]{0,80}正常")
_CONFIRMED = regex.compile(r"(?<!不)属实")


def clarifies(words: str, *, organisation: bool) -> bool:
    """Tells whether somebody speaks for the organisation, and says that something is not so.

    `words` are a post's own, as nlp.text prepares them; `organisation`: they name the one that is watched over.

    >>> clarifies("【辟谣】变电站没有爆炸", organisation=True), clarifies("没有爆炸,我就住旁边", organisation=True)
    (True, False)
    """
    ours = _OURS.search(words) or (_OUR_COMMON.search(words) and _FORMAL.search(words))
    headed = organisation and (_HEADED.match(words) or _ASSURED.search(words))
    if not (ours or headed) or _PERSONAL.search(words) or _REPORTED.search(words):
        return False
    said = _WARNED.sub("", words)
    return bool(
        denies(said)
        or any(headed or not _OTHERS.search(said, endpos=no.start()) for no in _REFUSES.finditer(said))
        or any(is_denied(said, *danger.span()) for danger in _DANGER.finditer(said))
        or (_FOUND_SOUND.search(said) and not _CONFIRMED.search(said))
    )
