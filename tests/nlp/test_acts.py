import pytest

from nlp.acts import act_of
from nlp.text import for_model
from stream.messages import Act


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("幸福里小区停电两天了，打95598一直占线，没人管", Act.APPEAL),
        ("工资拖了三个月，什么时候发啊", Act.APPEAL),
        ("希望公司能把班车时间调一调，早班根本赶不上", Act.APPEAL),
        ("食堂的菜一天比一天差，能不能换个承包商", Act.APPEAL),
        ("请问今晚滨江路停电几点来电？", Act.QUESTION),
        ("听说变电站爆炸了，真的假的", Act.QUESTION),
        ("校园招聘还收简历吗", Act.QUESTION),
        ("何时来电呀", Act.QUESTION),
        ("投诉电话是多少", Act.QUESTION),
        ("求官方辟谣", Act.APPEAL),
        ("我不投诉，说说而已", Act.STATEMENT),
        ("呵呵，客服说24小时内来修，24小时后说再等24小时，真行", Act.MOCKERY),
        ("转发扩散，让更多人知道幸福里停电的真相", Act.CALL),
        ("大家都别交物业费了，一起去营业厅讨说法", Act.CALL),
        ("供电公司昨晚抢修了六个小时，现在来电了", Act.STATEMENT),
        ("谢谢抢修师傅，大热天辛苦了", Act.STATEMENT),
        ("#口罩还要戴多久#我家还有几个口罩", Act.STATEMENT),
        ("来电了 //@某人:没人管，投诉", Act.STATEMENT),
        ("#什么时候来电#", Act.QUESTION),
    ],
)
def test_the_rules_hear_what_a_post_does(text: str, act: Act) -> None:
    assert act_of(for_model(text).text) is act


@pytest.mark.parametrize(
    "text",
    [
        "【辟谣】网传滨江路变电站爆炸不实，请勿信谣传谣",
        "临江供电公司声明：昨晚滨江路变电站没有发生爆炸，请大家不要转发",
        "情况说明：经核实，网传临江供电停电三天系谣言",
        "我公司从未委托任何人上门收费，该信息为虚假信息",
        "经核实，昨晚停电为线路检修，并非爆炸",
    ],
)
def test_the_organisation_that_denies_in_its_own_voice_clarifies(text: str) -> None:
    assert act_of(for_model(text).text, organisation=True) is Act.CLARIFICATION


@pytest.mark.parametrize(
    "text",
    [
        "没有爆炸，我就住旁边",
        "供电公司辟谣了，没有爆炸",
        "供电公司居然说没有爆炸，骗谁呢",
        "求供电公司辟谣，变电站到底爆炸没有",
        "临江供电公司通报：昨晚停电因线路故障，已全部恢复",
        "我公司昨晚组织抢修，六小时恢复供电",
        "怎么还不辟谣",
        "不信 //@临江供电:【辟谣】变电站没有爆炸",
    ],
)
def test_a_denial_of_others_a_doubt_and_a_notice_are_no_clarification(text: str) -> None:
    assert act_of(for_model(text).text, organisation=True) is not Act.CLARIFICATION


def test_who_speaks_of_another_organisation_clarifies_only_in_its_own_voice() -> None:
    assert act_of(for_model("市水务局声明：网传停水系谣言").text) is not Act.CLARIFICATION
    assert act_of(for_model("网传我局乱收费，纯属捏造").text) is Act.CLARIFICATION


def test_where_nothing_was_said_nothing_is_judged() -> None:
    assert act_of("") is None


@pytest.mark.parametrize("unit", ["希望", "大家", "不是", "凭什么", "打了", "?", "要求", "怎么", "#a"])
def test_no_text_takes_long(unit: str) -> None:
    assert act_of(unit * 50_000) in set(Act)
