"""A no that stands right before what is named, or a nought behind it: 没有爆炸, 未发生氨气泄漏, 伤亡人数为0. Pure.

A negation binds what stands right behind it alone (没有人来，还在爆炸), or what did not happen, whatever its name.
"""

import re

from stream.denying.doubt import is_contradicted, is_disbelieved, is_quoted, is_taken_back
from stream.denying.place import Place

_NO = (
    r"(?:(?<![有淹吞沉埋湮点])没(?:有)?|(?<!点儿)(?<![来不])未(?:曾|见)?|(?<![从])从未|(?<![何未])不曾|并无|毫无|绝无|(?<!有)无"
    r"|(?<![\d零.])[零0]|冇|木有|莫得|没得|么得|唔系|不存在|(?<![是怕莫尝])不是|并非|绝非|(?<![^,:])(?:系)?非|(?<![会该])不会|不可能会?|哪里?有|哪来的?"
    r"|哪里?是|不属于|不构成|不叫|不算|算不上|称不上|谈不上|(?<![法能不])排除了?|(?:不用|不必|无需)担心)"
)
_ILLS = "爆炸|爆燃|闪爆|起火|着火|失火|明火|火灾|冒烟|泄[漏露]|坍塌|倒塌|触电|伤亡|中毒|被困|受伤|死亡|污染"
_PEOPLE = "学生|同学|同事|邻居|司机|孩子|员工|职工|工人|居民|村民|群众|市民|旅客|乘客|师生|患者|老人|用户"
_FILL = (  # what may stand between
    r"(?:发生|出现|造成|引发|引起|导致|致使?|酿成|形成|波及|存在|任何|什么|所谓的?|过|一起|人员|人身|大规模|明显|重大|网传的?|传说中的?"
    r"|你们?说的|那种|那样的?|这种|听说|听到|听见|看到|看见|见到?|发现|检出|检测到|监测到|查到|有|是|的|被|因此|现场|站内|设备|线路|新增|起|真的?|大"
    r"|一[处例丝星]|本[地土]|[这那]里|这边|我们这|次生|房屋|建筑物?|山体|(?:客户|用户|个人)?(?:信息|数据|隐私)"
    r"|煤气|燃气|天然气|液化气|瓦斯|锅炉|变压器|电缆|电线|油罐|管道|粉尘|电气|食物|群体|集体|核|(?:有毒|有害)?气体|感觉到"
    rf"|{_PEOPLE}|(?:{_ILLS})[、和或及与]"
    r"|[^,。!?;\s]{1,6}(?:(?<!我)说|讲|传|担心|想象|描述|形式|意义上?|程度|报道|以为)的"
    r"|(?:变电|配电|发电|供电|加油|加气|工|电)(?:站|所|厂|房|箱))"
)
_NEGATED = re.compile(rf"(?:{_NO}{_FILL}{{0,4}}|(?<!是)不是(?:因为|由于))$")

# 未发生危化品泄漏: what did not happen, by whatever name; what stands between begins no other thing (未发生过就起火).
_OTHER = r"[的就才却而又还再因被把让了这那比第突忽]|[前后]|导致|引[发起]|为什么|造成"
_NOT_HAPPENED = re.compile(
    rf"{_NO}(?:发生|造成|出现|存在|形成|酿成|[监检]?测到|检出)(?:(?!{_OTHER})[^,。!?;\s]){{0,12}}$"
)
_HAPPENED = re.compile(r"了")

# 没有一个人中毒: who is not; only before what befalls people or what they do, for 没人管着火 and 无人机起火 claim.
_NOBODY = re.compile(
    rf"(?:没|没有|无|未有|冇|并无)(?:一|任何)?(?:个|名|位|例)?(?:人|{_PEOPLE})?(?:因此|被|发生|出现)?$"
)
_PERSONAL = re.compile(
    r"伤亡|死伤|死亡|受伤|中毒|触电|被困|感染|确诊|遇难|失联|病死|坠亡|开枪|跳楼|坠楼|自杀|[砍捅杀]人|持刀|抢劫|围堵|堵门|打砸"
)
_UNREPORTED = re.compile(
    rf"(?:没|没有|未|尚未|并未)(?:接到|收到|接获|有){_FILL}{{0,2}}(?:关于|有关|涉及)?{_FILL}{{0,2}}$"
)
_REPORT = re.compile(r"(?:的|类|相关)*(?:报告|报警|警情|险情|求助|报案|报修|记录)")

_NOUGHT = re.compile(
    r"(?:病例|事故|事件)?(?:人数|情况|起数|数)?(?:均?为|是|:)?[零0无](?:例|人|起|宗)?(?=[,。;!\s]|$)"
    r"|的?可能性?(?:均?为|是)[零0]"
)

_RIGHT_OF_NOT = re.compile(r"了(?!,?(?:只|就|而)?是)[嘛啊呀啦!。,]*")  # 这不是着火了嘛 says that it burns
_WHERE = re.compile(r"哪(?:里|儿)?[来是]的?$")
_SENSED = re.compile(r"[黑浓]烟|大火|冒烟")  # 哪来的黑烟 and 哪来的爆炸声 want to know
_SOUND = re.compile(r"(?:报警)?声|现场|地点|位置|的?中心")


def is_negated(here: Place) -> bool:
    """Tells whether the text says that there is none of what is named, and nothing takes that back."""
    if _NOUGHT.match(here.after):
        doubted = is_quoted(here)
    elif _stands_behind_no(here):
        doubted = is_taken_back(here)
    else:
        return False
    return not (doubted or is_disbelieved(here) or is_contradicted(here))


def _stands_behind_no(here: Place) -> bool:
    before, after = here.before, here.after
    if _NEGATED.search(before):
        asks_where = _WHERE.search(before) and (_SOUND.match(after) or _SENSED.match(here.named))
        return not (asks_where or (before.endswith("不是") and _RIGHT_OF_NOT.match(after)))
    return bool(
        (_NOT_HAPPENED.search(before) and not _HAPPENED.match(after))
        or (_PERSONAL.match(here.named) and _NOBODY.search(before))
        or (_UNREPORTED.search(before) and _REPORT.match(after))
    )
