"""A denial is not the rumour, and whatever else has a negation in it is none."""

from collections import Counter
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stream.denied import is_denied, is_doubted
from stream.matching import TopicMatcher
from stream.process.configuration import Configuration
from stream.spelling.folding import fold
from stream.topics import Mark, Rule, TopicsConfig

SENTENCES = yaml.safe_load((Path(__file__).with_name("denials.yml")).read_text("utf-8"))
KINDS = yaml.safe_load((Path(__file__).with_name("denials_by_kind.yml")).read_text("utf-8"))
EXAMPLE = Path(__file__).parents[2] / "configs" / "example"
SHIPPED = Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)()
DANGER = ("爆炸", "起火", "着火", "火灾", "冒烟", "泄漏", "触电", "伤亡")
CUES = TopicMatcher(TopicsConfig(topics={}, cues={"danger": Mark(name="险情", rules=(Rule(any_of=DANGER),))}))

# The shipped cues, wherever and whenever it is: here only what is denied is asked.
ALL_CUES = TopicMatcher(
    TopicsConfig(
        topics={},
        cues={
            key: Mark(name=cue.name, rules=tuple(Rule(any_of=rule.any_of) for rule in cue.rules))
            for key, cue in SHIPPED.cues.items()
        },
    )
)


def of_every_kind(side: str) -> list[object]:
    return [pytest.param(text, id=f"{kind}: {text}") for kind, sides in KINDS.items() for text in sides[side]]


@pytest.mark.parametrize("text", of_every_kind("denied"))
def test_a_denial_of_any_kind_leaves_no_cue(text: str) -> None:
    assert ALL_CUES.cues(fold(text)) == ()


@pytest.mark.parametrize("text", of_every_kind("claimed"))
def test_what_only_looks_like_a_denial_keeps_its_cue(text: str) -> None:
    assert ALL_CUES.cues(fold(text)) != ()


def test_of_each_kind_there_are_both_sides_and_no_sentence_twice() -> None:
    sentences = [text for sides in KINDS.values() for side in ("denied", "claimed") for text in sides[side]]
    assert all(sides["denied"] and sides["claimed"] for sides in KINDS.values())
    assert max(Counter(sentences).values()) == 1


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("本次火灾未造成人员伤亡", {"火灾"}),
        ("滨江路起火，未造成人员伤亡", {"起火"}),
        ("没有爆炸，是起火", {"起火"}),
        ("爆炸属实，伤亡人数是谣言", {"爆炸", "伤亡"}),
        ("不是着火，是爆炸了", {"爆炸", "炸了"}),
        ("听见爆炸声，原来是变压器炸了", {"爆炸", "爆炸声", "炸了", "变压器炸了"}),
        ("网传柳树镇地震，地震局：不实", set()),
    ],
)
def test_one_danger_may_be_denied_and_another_claimed(text: str, claimed: set[str]) -> None:
    assert {one.word for match in ALL_CUES.match(fold(text)) for one in match.found} == claimed


def test_there_are_many_sentences_of_both_kinds_and_none_twice() -> None:
    assert min(len(SENTENCES["denied"]), len(SENTENCES["claimed"])) >= 40
    assert max(Counter(SENTENCES["denied"] + SENTENCES["claimed"]).values()) == 1


def test_what_is_denied_is_no_cue() -> None:
    assert [text for text in SENTENCES["denied"] if CUES.cues(fold(text)) or CUES.match(fold(text))] == []


def test_what_is_claimed_asked_supposed_or_doubted_is_a_cue() -> None:
    assert [text for text in SENTENCES["claimed"] if CUES.cues(fold(text)) != ("danger",)] == []


@pytest.mark.parametrize("marked", ["“{}”", "【{}】", "({})", "《{}》", '"{}"'])
def test_quotation_marks_and_brackets_round_the_danger_change_nothing(marked: str) -> None:
    assert CUES.cues(fold(f"没有发生{marked.format('爆炸')}")) == ()
    assert CUES.cues(fold(f"{marked.format('爆炸')}系谣言")) == ()
    assert CUES.cues(fold(f"昨晚{marked.format('爆炸')}了")) == ("danger",)


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("昨晚滨江路变电站没有爆炸", ()),
        ("昨晚滨江路变电站爆炸了", ("danger",)),
        ("昨晚滨江路变电站没有爆炸，是着火了", ("danger",)),
        ("网传昨晚滨江路变电站爆炸。经核实不属实，请勿传播", ()),
        ("昨天柳树镇没有确诊病例", ()),
        ("昨天柳树镇确诊三例", ("epidemic",)),
        ("昨晚滨江路爆炸，未造成人员伤亡", ("danger",)),
    ],
)
def test_the_shipped_cues_tell_a_claim_from_a_denial(text: str, cues: tuple[str, ...]) -> None:
    found = TopicMatcher(SHIPPED)
    assert found.cues(fold(text)) == cues


def test_one_claim_among_denials_is_a_cue_and_shown_alone() -> None:
    [match] = CUES.match(fold("没有爆炸。爆炸了"))
    assert [(one.word, one.start) for one in match.found] == [("爆炸", 5)]


def test_a_denial_does_not_hide_what_speaks_against_a_cue() -> None:
    rule = Rule(any_of=("爆炸",), none_of=("着火",))
    cues = TopicMatcher(TopicsConfig(topics={}, cues={"danger": Mark(name="险情", rules=(rule,))}))
    assert cues.cues(fold("爆炸了，没有着火")) == ()


def test_topics_are_met_by_denials_too() -> None:
    found = TopicMatcher(SHIPPED)
    assert found.topics(fold("变电站没有爆炸")) == ("rumour",)


@given(st.text(alphabet="没有未发生爆炸不实谣言网传，。？吗但无是", max_size=40))
def test_any_place_of_any_text_is_judged_and_a_claim_at_the_end_of_another_sentence_stays_one(text: str) -> None:
    assert is_denied(text, 0, len(text)) in (True, False)
    assert CUES.cues(f"{text}\n昨晚爆炸了") == ("danger",)


def test_denials_without_end_take_no_longer_than_others() -> None:
    begun = process_time()
    units = (
        "没有爆炸",
        "没有发生任何爆炸",
        "网传爆炸",
        "爆炸不是",
        "没" * 50 + "爆炸",
        "假的//@李四:爆炸",
        "以为爆炸,其实",
    )
    for unit in units:
        CUES.cues(unit * (12_000 // len(unit)))
    assert process_time() - begun < 5


def test_what_is_said_up_to_a_place_may_be_doubted_by_what_follows_or_stands_before() -> None:
    assert is_doubted("已恢复供电是骗人的", 3)
    assert is_doubted("希望大家都没事", 7)
    assert is_doubted("说已经恢复了，我家还没电", 5)
    assert not is_doubted("已恢复供电，请放心", 5)
