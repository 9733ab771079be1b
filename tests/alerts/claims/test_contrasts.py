import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.claims.contrasts import Named, contradicts, read

CLAIM = read("东岗变电站发生爆炸,三人死亡")


def test_what_a_text_speaks_of_is_read_with_its_name() -> None:
    assert CLAIM.named == (Named("东岗", "变电站"),)
    assert read("那个变电站").named == (Named("", "变电站"),)
    assert read("听说城南花园停水").named == (Named("城南", "花园"),)
    assert read("老板跑路,走上绝路").named == ()


@pytest.mark.parametrize(
    "post",
    [
        "西坪变电站爆炸,三人死亡", "东岗加油站爆炸,三人死亡", "东岗变电站爆炸,八人死亡", "东岗变电站没有爆炸",
        "东岗变电站并未发生爆炸",
        "东岗变电站爆炸是谣言", "东岗变电站爆炸,无人员死亡", "不存在变电站爆炸",
    ],
)  # fmt: skip
def test_another_place_object_number_and_a_no_contradict(post: str) -> None:
    assert contradicts(CLAIM, read(post))


@pytest.mark.parametrize(
    "post",
    [
        "东岗变电站炸了,死了三个人", "变电站爆炸死人了", "我家旁边的变电站爆炸了", "有没有人知道东岗变电站爆炸的事",
        "东岗变电站爆炸,到现在没人管", "东岗变电站是不是爆炸了", "官方还说是谣言,东岗变电站就是爆炸了",
        "消防车去了西坪路,东岗变电站爆炸",
    ],
)  # fmt: skip
def test_other_words_a_question_and_a_doubted_denial_do_not(post: str) -> None:
    assert not contradicts(CLAIM, read(post))


def test_that_an_answer_is_called_false_contradicts_no_claim() -> None:
    claim = read("东岗变电站停电三天")
    assert not contradicts(claim, read("投诉回复不属实,东岗变电站停电三天"))
    assert contradicts(claim, read("网传东岗变电站停电三天是假的"))


def test_a_claim_that_says_no_is_not_contradicted_by_its_own_words() -> None:
    claim = read("供电公司没有通知就停电")
    assert not contradicts(claim, read("又没有通知就停电了"))
    assert not contradicts(claim, claim)


def test_of_a_kind_that_is_not_known_the_text_has_to_begin_with_the_same_name() -> None:
    claim = read("滨江剧院屋顶坍塌")
    assert claim.named == ()
    assert claim.names == ("滨江", "剧院")
    assert contradicts(claim, read("城东剧院屋顶坍塌"))
    assert not contradicts(claim, read("滨江剧院塌了"))
    assert not contradicts(claim, read("我们这的剧院屋顶坍塌"))
    assert read("5G 有辐射").names == ()


def test_what_stands_one_character_behind_a_no_is_denied_if_the_claim_says_both() -> None:
    claim = read("果园的草莓打了膨大剂")
    assert contradicts(claim, read("草莓没有打膨大剂"))
    assert not contradicts(claim, read("草莓没有味道,打了膨大剂"))


def test_up_is_not_down() -> None:
    claim = read("电费下个月上调")
    assert contradicts(claim, read("电费下个月下调"))
    assert not contradicts(claim, read("电费下月又要涨"))


def test_of_fees_another_one_contradicts_and_a_pension_by_its_other_name_does_not() -> None:
    assert contradicts(read("电费偷偷涨价"), read("水费偷偷涨价"))
    assert not contradicts(read("退休金明年减少"), read("养老金明年减少"))


@given(st.text(alphabet="东西岗变电站爆炸没有不是路村三人天,。的了", max_size=30))
def test_only_a_text_that_denies_something_contradicts_itself(text: str) -> None:
    told = read(text)
    assert not contradicts(told, told)
