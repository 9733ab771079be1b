"""What makes a text about something else than a claim although its words are the claim's: place, object, number,
direction, or that it says no. Pure; texts are folded (see stream/matching.fold)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.claims.numbers import Quantity, differ, quantities
from alerts.denials import denies

_KINDS = tuple(  # a line a class: a text with another word of the class, and not the claim's, is about something else
    line.split()
    for line in (
        "变电站 加油站 充电站 加气站 火车站 汽车站 高铁站 地铁站 收费站 换热站 泵站 电站 电厂",
        "化工厂 焚烧厂 水厂 自来水厂 污水厂 钢厂 药厂 纸厂 水泥厂 印染厂 养猪场 养殖场 矿 煤矿",
        "小学 中学 大学 学院 幼儿园 职高 技校",
        "医院 诊所 卫生院 药店",
        "银行 信用社 健身房 保险 基金 证券",
        "超市 商场 酒店 宾馆 饭店 餐厅 菜市场 商城 酒楼",
        "航空 机场",
        "快递 物流 外卖",
        "花园 小区 家园 新村 公寓 安置房 公租房 廉租房 大厦 广场 公园",
        "大桥 隧道 水库 大坝 高架 立交桥",
        "电费 水费 燃气费 停车费 物业费 话费 学费 安检费 安装费 电梯费 暖气费 取暖费 过路费",
        "燃气公司 自来水公司 供电公司 物业公司 热力公司 公交公司 电信公司 保洁公司",
        "退休金 养老金 补贴 低保 公积金 医保 抚恤金",
        "疫苗 口罩 奶粉 牛奶 饮料 矿泉水",
        "电动车 充电宝 充电桩 燃油车 摩托车 公交车 校车 电梯 空调 路灯",
        "通信基站 基站 变压器 高压线 信号塔",
        "面包 蛋糕 火腿 馒头",
        "镇 村 县 街道 社区 街 路 开发区 老城区 新区 城区",
    )
)
_CLASS = {word: number for number, words in enumerate(_KINDS) for word in words}
_PLACES = {"镇", "村", "县", "街道", "社区", "街", "路", "矿"}  # too short to stand without a name
_NO_PLACE = r"(?<![跑上马铁公道线短思出网走半乡冰农山全逛])"  # 跑路, 铁路, 乡镇
_KIND = re.compile(
    "|".join((_NO_PLACE if len(word) == 1 else "") + word for word in sorted(_CLASS, key=len, reverse=True))
)
_SAME_KIND = ({"基站", "通信基站"}, {"水厂", "自来水厂"}, {"退休金", "养老金"}, {"暖气费", "取暖费"}, {"煤矿", "矿"})
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+$")
_GENERIC = re.compile(
    r".*(?:[的了在是去到那这个座家些条我你他她们和跟与被把从有用让给对说被因由经为至于往向及就又还也都没不未找问查投诉给去买坐住来着将前后边里旁外上下几多各全某本]"
    r"|附近|刚刚|刚才|听说|据说|网传|新建|新装|楼顶|拆除|过期|关于|昨晚|昨夜|今天|昨天|举报|曝光|曝|发生|采购|通过|偷偷|悄悄|严重|周边|自从"
    r"|请|转|求|等|新|元|块|钱|老|大|小|两|三|一|二|台|批|辆|名|号|第|偷|涨|交|收|连|其|该|接种|充电|夜|级|现|看|谁|哪|吗)"
)
_OPENING = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff]{2})([\u3400-\u4dbf\u4e00-\u9fff]{2})")
_NAME = 4  # characters before a kind that may be its name
_UP = re.compile(r"涨|增加|上调|提高|多[发给]|上浮")
_DOWN = re.compile(r"减少|减[三二一两四五六七八九十\d]|降|下调|砍|要少|少[三二一两四五六七八九十\d]|要减|下浮")
_NEGATED = re.compile(
    r"(?:并未|从未|从没|并没有|(?<!有)没有|(?<!有)没|未(?!来|婚|成年|知)|不存在|哪有|哪里有|哪来的?|(?<!是)不是|并非|不会|不用|无需|无须|不可能|不必"
    r"|无(?!法|良|视|语|奈|耻|线|数|所|锡|证))"
    r"(?=(?P<said>[\u3400-\u4dbf\u4e00-\u9fff]{2,3}))"
    r"(?:发生|出现|受到?|被|任何|向[^，。,.\s]{1,4}|使用|采用|用|把|将|一个|再|有|多|给|因为?|所谓的?|人员?|在)*"
    r"(?P<then>[\u3400-\u4dbf\u4e00-\u9fff]{2,3})?"
)


@dataclass(frozen=True, slots=True)
class Named:
    """Something of a kind with its name: 黑石渡 变电站. `name` is "" where it has none."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Gist:
    """What of a folded text may contradict another one. `negated` are the two or three characters
    that each of its negations stands before."""

    text: str
    named: tuple[Named, ...]
    numbers: frozenset[Quantity]
    direction: str
    negated: frozenset[str]
    denies: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What a text has to name to be surely about the same: where no kind is known, how the text begins."""
        if not self.named:
            return tuple(self._opening)
        return tuple(one.name for one in self.named if one.name)

    @property
    def other_names(self) -> re.Pattern[str] | None:
        """Finds what stands before the kind that the text begins with, where that is none of the known ones."""
        if self.named or len(self._opening) < 2:
            return None
        return re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]+(?={self._opening[1]})")

    @property
    def _opening(self) -> list[str]:
        first = _OPENING.match(self.text)
        return [first[1], first[2]] if first else []


def read(text: str) -> Gist:
    """Reads a folded text, a claim or a passage of a post."""
    named = tuple(dict.fromkeys(_named(text)))
    return Gist(text, named, quantities(text), _direction(text), _negations(text), denies(text))


def contradicts(claim: Gist, post: Gist) -> bool:
    """Tells whether the post denies the claim, or is about another place, object or number than it."""
    return (
        (post.denies and not claim.denies)
        or any(_says(claim, said) for said in post.negated)
        or differ(claim.numbers, post.numbers)
        or bool(claim.direction and post.direction and claim.direction != post.direction)
        or _other_subject(claim, post)
    )


def _named(text: str) -> Iterator[Named]:
    for match in _KIND.finditer(text):
        name = _name_before(text[: match.start()])
        if match[0] not in _PLACES or name:
            yield Named(name, match[0])


def _name_before(text: str) -> str:
    """Finds the name at the end of what stands before a kind; "" for a word that any may have."""
    run = _HAN.search(text)
    if run is None:
        return ""
    before = run[0]
    kinds = list(_KIND.finditer(before))
    if kinds:
        before = before[kinds[-1].end() :]
    cut = _GENERIC.match(before[-_NAME - 1 :])
    if cut:
        before = before[-_NAME - 1 :][cut.end() :]
    return before[-_NAME:] if len(before[-_NAME:]) >= 2 else ""


def _other_subject(claim: Gist, post: Gist) -> bool:
    kinds, another = {one.kind for one in post.named}, claim.other_names
    if another is not None and claim.names[0] not in post.text:
        return any(_name_before(match[0]) for match in another.finditer(post.text))
    for ours in claim.named:
        same = _same(ours.kind)
        if ours.name and ours.name not in post.text and any(one.name for one in post.named if one.kind in same):
            return True
        if any(kind in post.text for kind in same):
            continue
        if ours.name and any(one.name == ours.name for one in post.named):
            return True
        if any(_CLASS[kind] == _CLASS[ours.kind] for kind in kinds):
            return True
    return False


def _same(kind: str) -> set[str]:
    return next((same for same in _SAME_KIND if kind in same), {kind})


def _direction(text: str) -> str:
    up, down = bool(_UP.search(text)), bool(_DOWN.search(text))
    return "" if up == down else "up" if up else "down"


def _says(claim: Gist, negated: str) -> bool:
    """Tells whether the claim says what is negated: 没有爆炸 of 爆炸, 没有打膨大剂 of 打了膨大剂."""
    text = claim.text
    if negated[:2] in {one[:2] for one in claim.negated}:
        return False
    return negated[:2] in text or (len(negated) == 3 and negated[0] in text and negated[1:] in text)


def _negations(text: str) -> frozenset[str]:
    return frozenset(said for match in _NEGATED.finditer(text) for said in match.group("said", "then") if said)
