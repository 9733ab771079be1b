import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_load

from alerts.terms.adoption import NewTopic, check_term, topic_lines, with_topic
from alerts.workflow.cases import Refused

DUCT = NewTopic(term="电缆沟塌", key="duct", name="电缆沟塌陷", owner="publicity")

WRITTEN = """\
# 监测主题
aliases: {停电: [停电]}   # 词组

topics:
  outage:   # 最常见
    name: 停电抢修
    owner: dispatch
    rules:
      - any_of: ["@停电"]   # 词组
        none_of: [演习]

#  rumour: 还没启用的
#    name: 传言

fields: {}
"""


def test_the_topic_is_the_last_of_topics_and_every_other_line_stays() -> None:
    lines = WRITTEN.splitlines()
    added = with_topic(WRITTEN, DUCT).splitlines()
    assert added == [*lines[:10], "", *topic_lines(DUCT), *lines[10:]]
    assert topic_lines(DUCT) == [
        "  duct:",
        "    name: 电缆沟塌陷",
        "    owner: publicity",
        "    rules:",
        "      - any_of: [电缆沟塌]",
    ]


def test_it_stands_as_deep_as_the_topics_beside_it() -> None:
    text = "topics:\n    outage:\n        name: 停电\n"
    assert with_topic(text, DUCT).splitlines()[4:] == topic_lines(DUCT, 4)


@pytest.mark.parametrize(
    "nothing", ["topics: {}\n", "topics: {}", "topics: {}   # 还没有\nfields: {}\n", "topics: { }\n"]
)
def test_an_empty_section_is_filled(nothing: str) -> None:
    read = safe_load(with_topic(nothing, DUCT))
    assert read["topics"]["duct"]["name"] == "电缆沟塌陷"
    assert read.get("fields", {}) == {}


def test_a_section_with_nothing_behind_it_is_filled() -> None:
    for nothing in ("topics:\n", "topics:\nfields: {}\n", "topics:"):
        assert list(safe_load(with_topic(nothing, DUCT))["topics"]) == ["duct"]


def test_line_ends_of_windows_and_a_last_line_without_one_are_kept() -> None:
    text = "topics:\r\n  a:\r\n    name: 甲"
    added = with_topic(text, DUCT)
    assert added.startswith(text + "\r\n")
    assert "\n" not in added.replace("\r\n", "")
    assert list(safe_load(added)["topics"]) == ["a", "duct"]


@pytest.mark.parametrize(
    "rules", ["[{any_of: [停电]}]", "\n      - regex: |\n          停电\n          了\n", "[停电, \n 断电]"]
)
def test_whatever_ends_the_last_topic_it_is_left_whole(rules: str) -> None:
    text = f"topics:\n  a:\n    rules: {rules}\n# 注释\ncues: {{}}\n"
    before, after = safe_load(text), safe_load(with_topic(text, DUCT))
    assert after["topics"].pop("duct")
    assert after == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("topics: {a: {name: 甲}}\n", "花括号"),
        ("fields: {}\n", "没有 topics"),
        ("", "没有 topics"),
        ("topics: [\n", "读不出来"),
    ],
)
def test_a_file_that_lines_cannot_be_put_into_is_refused_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        with_topic(text, DUCT)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(term=TEXT, name=TEXT)
def test_any_words_are_read_as_they_were_given(term: str, name: str) -> None:
    for key in ("no", "on", "null", "n1", "e1", "outage-2"):
        read = safe_load("\n".join(topic_lines(NewTopic(term=term, key=key, name=name, owner="yes"))))
        assert read == {key: {"name": name, "owner": "yes", "rules": [{"any_of": [term]}]}}


@pytest.mark.parametrize(("term", "told"), [("@停电", "词组"), ("电", "两个字"), ("，。", "两个字"), ("", "两个字")])
def test_a_term_that_is_no_word_of_a_rule_is_refused(term: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        check_term(term)


@pytest.mark.parametrize("term", ["停电", "95598", "e充", "ev", "停 电"])
def test_a_word_of_two_letters_is_one(term: str) -> None:
    check_term(term)
