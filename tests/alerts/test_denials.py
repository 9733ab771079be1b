import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.denials import denies, reassures, thanks

DENIALS = [
    "别信那些，变电站好好的", "供电公司辟谣了，没有爆炸", "网传黑石渡变电站爆炸不实", "我就住旁边，没这回事",
    "经核实，该信息为虚假信息，请勿传播", "纯属捏造，发帖人已道歉", "那个视频是去年的旧视频",
    "听信谣言才去抢购的，都回家吧",
    "此事与事实不符", "大家不要再转发了，没有任何依据",
]  # fmt: skip
REASSURANCES = [
    "联系上了，人都没事", "大家放心，家里人都平安", "虚惊一场，就是跳闸", "已经来电了，大家别慌",
    "没有人员伤亡，请市民放心",
    "现场一切正常", "不用担心，已恢复供水",
]  # fmt: skip
THANKS = [
    "谢谢抢修师傅，凌晨两点还在干活", "辛苦了，终于来电了", "给供电公司点赞，修得真快", "多亏了社区，老人有水喝",
    "前面的话说重了，师傅们辛苦了",
]  # fmt: skip
ACCUSATIONS = [
    "停电三天没人管", "听说死了三个人，消息被封口了", "官方还说是谣言，我亲眼看见冒烟", "这不是谣言，是真的爆炸了",
    "怎么还不辟谣？到底炸没炸", "真的假的，变电站爆炸了？", "是不是谣言啊，求官方辟谣",
    "什么时候才能恢复供电，停了三天没人管",
    "到现在都没有恢复正常供电", "停电三天没人管，请尽快处理，谢谢！", "希望领导重视，感谢！",
    "呵呵，真谢谢你们让我摸黑三天",
    "感谢供电公司让我们黑着过中秋", "这么大的安全隐患，谁来管", "人身安全谁负责", "打了五个电话都没人接，没事找事吗",
    "到底有没有人员伤亡？", "怎么可能没有伤亡", "不知道有没有人受伤", "哪怕没有伤亡也要查", "人都没事吧", "谁说没事了",
    "说没事了，你信吗", "一切正常？呵呵", "感谢供电所督促我健身", "谢谢你啊，让我喝了三天凉水", "给你们点赞[doge]",
    "已恢复供电是骗人的", "说已经恢复了，我家还没电", "供电公司的承诺全是假的，停电三天没人修", "没有任何依据就罚款",
    "怎么能放心让孩子上学", "求放心，孩子还困在电梯里", "别说没事，楼都震了", "谁造的孽，停电三天",
]  # fmt: skip


@pytest.mark.parametrize("text", DENIALS)
def test_a_denial_is_known(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize("text", REASSURANCES)
def test_a_word_that_all_are_well_is_known(text: str) -> None:
    assert reassures(text)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_known(text: str) -> None:
    assert thanks(text)


@pytest.mark.parametrize("text", ACCUSATIONS)
def test_an_accusation_is_neither_though_it_quotes_asks_mocks_or_ends_politely(text: str) -> None:
    assert (denies(text), reassures(text), thanks(text)) == (False, False, False)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(denies(text) or reassures(text) or thanks(text), bool)
