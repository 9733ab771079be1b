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


def test_where_nothing_was_said_nothing_is_judged() -> None:
    assert act_of("") is None


@pytest.mark.parametrize("unit", ["希望", "大家", "不是", "凭什么", "打了", "?", "要求", "怎么", "#a"])
def test_no_text_takes_long(unit: str) -> None:
    assert act_of(unit * 50_000) in set(Act)
