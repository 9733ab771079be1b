import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.denying.refusal import denies

REFUSALS = [
    "供电公司辟谣了，没有爆炸", "网传停电三天是假的", "变电站爆炸不属实", "没有这回事", "没有的事，别听他们的",
    "那都是旧闻了，别传了", "听信谣言才去抢购的，都回家吧", "编造谣言的人被抓了", "经查，纯属捏造",
    "网上说的承诺书是假的", "草莓没打药，不要信谣言", "核实结论：谣言", "应急局通报：剧院坍塌一事不属实",
    "官方回应：爆炸系谣言", "不要再转发了，没有任何依据",
]  # fmt: skip
ACCUSATIONS = [
    "供电公司的承诺全是假的，停电三天没人修", "抢修进度是假的，根本没人来", "投诉回复不属实，根本没联系我",
    "通知上说三点来电，失实，现在还没来", "电费账单虚假信息，多扣两百", "安全检查走形式，记录都是捏造的",
    "没有任何依据就罚款", "客服编造理由不来修", "伪造我的签字确认已修复", "供电所摆拍慰问，停电没人管",
    "供电局误读政策，乱收电费", "别信客服说的两小时来电", "别再信供电公司的鬼话了，天天停电",
    "供电公司删帖说我造谣，我说的都是真话", "诬陷我窃电，纯属子虚乌有", "被供电公司说成造谣，气死",
    "都是旧闻了，年年停电没人管", "没有这种事才怪，年年停电", "业主声明：供电公司所说的已修复不属实",
    "举报事件不实名没人管",
]  # fmt: skip
GENERAL_CALLS = [
    "居民楼起火，致2人死亡，请勿信谣传谣", "造成1人死亡。请广大市民不信谣、不传谣", "现已扑灭。请勿轻信传言",
    "请勿传播未经核实的信息", "请大家不要造谣传谣", "谣言止于公开，请公布真相",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSALS)
def test_who_calls_false_what_is_told_denies(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize("text", ACCUSATIONS)
def test_who_calls_false_what_somebody_answers_for_accuses(text: str) -> None:
    assert not denies(text)


@pytest.mark.parametrize("text", GENERAL_CALLS)
def test_a_general_call_to_believe_no_rumours_denies_nothing(text: str) -> None:
    assert not denies(text)


def test_who_asks_for_a_denial_or_doubts_one_denies_nothing() -> None:
    assert not denies("怎么还不辟谣？到底炸没炸")
    assert not denies("谁说是假的")


@given(st.text(alphabet="假的谣言不实别信承诺，。请勿传说我是没有依据", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert denies(text) in (True, False)
