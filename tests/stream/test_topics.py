from pathlib import Path

import pytest

from stream.errors import ConfigError
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

EXAMPLE = Path(__file__).parents[2] / "configs" / "example"
TOPIC = "topics: {outage: {name: 停电, owner: dispatch, rules: [RULE]}}"


def load(folder: Path, text: str) -> TopicsConfig:
    (folder / "topics.yml").write_text(text, "utf-8")
    return Configuration(folder, {}).add("topics.yml", TopicsConfig)()


def mistakes(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        load(folder, text)
    assert all(mistake.file.endswith("topics.yml") for mistake in refused.value.mistakes)
    return {mistake.key: mistake.problem for mistake in refused.value.mistakes}


def test_the_shipped_topics_are_sound() -> None:
    config = Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)()
    assert 6 <= len(config.topics) <= 8
    assert all(topic.name and topic.owner for topic in config.topics.values())


def test_the_shipped_fields_and_cues_have_names_for_people() -> None:
    config = Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)()
    assert [mark.name for mark in config.fields.values()] == [
        "工资待遇", "思想作风", "管理", "精神", "文化生活", "安全", "服务"
    ]  # fmt: skip
    assert {key: mark.name for key, mark in config.cues.items()} == {
        "danger": "险情", "epidemic": "疫情", "disaster": "灾情", "police": "警情"
    }  # fmt: skip


def test_a_field_or_cue_without_a_known_alias_is_a_mistake(tmp_path: Path) -> None:
    text = TOPIC.replace("RULE", "{any_of: 停电}") + "\ncues: {danger: {name: 险情, rules: [{any_of: '@无'}]}}"
    assert mistakes(tmp_path, text) == {"cues.danger.rules.0.any_of": "no such alias; known: none (found '@无')"}


def test_one_word_stands_without_a_list(tmp_path: Path) -> None:
    config = load(tmp_path, TOPIC.replace("RULE", "{any_of: 停电}"))
    assert config.topics["outage"].rules[0].any_of == ("停电",)


@pytest.mark.parametrize(
    ("rule", "key", "told"),
    [
        ("{}", "", "the rule is empty"),
        ("{none_of: [演习]}", "", "none_of alone"),
        ("{any_of: [95598]}", ".any_of", "in quotes"),
        ("{any_of: [真, true]}", ".any_of", "in quotes"),
        ('{any_of: ["\\u200b"]}', ".any_of.0", "visible"),
        ('{any_of: ["🏽"]}', ".any_of.0", "nothing is left"),
        ('{none_of: ["停电", "\\u3164"], any_of: 电}', ".none_of.1", "nothing is left"),
        ('{any_of: ["@小区"]}', ".any_of.0", "no such alias"),
        ('{any_of: ["＠小区"]}', ".any_of.0", "no such alias"),
        ("{regex: '('}", ".regex", "no regular expression"),
        ("{regex: '(a+)+$'}", ".regex", "0.5 s"),
        ("{regex: '(停+电*)+!'}", ".regex", "0.5 s"),
        ("{regex: '停电*|电*'}", ".regex", "the empty text"),
        ("{regex: 停电，}", ".regex", "write ','"),
        ("{all: [停电]}", ".all", "unknown key"),
    ],
)
def test_a_mistaken_rule_is_refused_with_its_place(tmp_path: Path, rule: str, key: str, told: str) -> None:
    found = mistakes(tmp_path, TOPIC.replace("RULE", rule))
    assert list(found) == [f"topics.outage.rules.0{key}"]
    assert told in found[f"topics.outage.rules.0{key}"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = """
aliases: {空: [], 套: ["@空"]}
regex_timeout: 5
topics:
  Out: {name: 停电, owner: dispatch, rules: [{any_of: '@停电'}]}
  bill: {name: "", rules: []}
"""
    assert set(mistakes(tmp_path, text)) >= {
        "aliases.空",
        "aliases.套.0",
        "regex_timeout",
        "topics.Out.[key]",
        "topics.Out.rules.0.any_of",
        "topics.bill.name",
        "topics.bill.owner",
        "topics.bill.rules",
    }


def test_no_time_at_all_for_a_pattern_is_refused(tmp_path: Path) -> None:
    text = "regex_timeout: 0ms\n" + TOPIC.replace("RULE", "{any_of: 停电}")
    assert list(mistakes(tmp_path, text)) == ["regex_timeout"]


def test_unknown_and_nested_aliases_are_told_together(tmp_path: Path) -> None:
    text = "aliases: {套: ['@空']}\n" + TOPIC.replace("RULE", "{all_of: ['@甲', '@套'], none_of: '@乙'}")
    rule = "topics.outage.rules.0"
    assert set(mistakes(tmp_path, text)) == {"aliases.套.0", f"{rule}.all_of.0", f"{rule}.none_of"}


@pytest.mark.parametrize("word", ["👍", "⚡", "停*电", "丶", "95598"])
def test_a_word_that_folding_leaves_something_of_is_a_word(tmp_path: Path, word: str) -> None:
    assert load(tmp_path, TOPIC.replace("RULE", f'{{any_of: "{word}"}}')).topics["outage"].rules[0].any_of == (word,)


@pytest.mark.parametrize("word", ["停电，断电", "停电、断电", "停电|断电", "停电；断电", "停电 断电", "停电,断电"])
def test_words_that_are_one_since_no_comma_parts_them_are_doubted(tmp_path: Path, word: str) -> None:
    rules = TOPIC.replace("RULE", f'{{any_of: [跳闸, "{word}"]}}')
    (doubt,) = load(tmp_path, rules).doubts()
    assert doubt[0] == "topics.outage.rules.0.any_of"
    assert "is one word" in doubt[1]


@pytest.mark.parametrize("word", ["停*电", "停 电", "元/度", "iphone 15", "3,5元", "停电", "五险一金"])
def test_a_word_with_marks_of_its_own_is_not_doubted(tmp_path: Path, word: str) -> None:
    assert list(load(tmp_path, TOPIC.replace("RULE", f'{{any_of: "{word}"}}')).doubts()) == []


def test_a_pattern_in_a_spelling_that_no_text_is_matched_in_is_doubted_wherever_it_stands(tmp_path: Path) -> None:
    text = TOPIC.replace("RULE", "{any_of: '@停'}, {regex: '停電.{0,3}天'}") + (
        "\naliases: {停: ['停电、断电']}"
        "\nelsewhere: {name: 其他, owner: publicity, rules: [{regex: 著火}]}"
        "\ncues: {danger: {name: 险情, rules: [{any_of: 炸, regex: café}]}}"
    )
    doubts = dict(load(tmp_path, text).doubts())
    assert list(doubts) == ["topics.outage.rules.1.regex", "elsewhere.rules.0.regex", "cues.danger.rules.0.regex",
                            "aliases.停"]  # fmt: skip
    assert "write '停电'" in doubts["topics.outage.rules.1.regex"]


@pytest.mark.parametrize("folder", [EXAMPLE, EXAMPLE.parent])
def test_nothing_shipped_is_doubted(folder: Path) -> None:
    assert list(Configuration(folder, {}).add("topics.yml", TopicsConfig)().doubts()) == []


def test_a_topic_written_twice_is_refused(tmp_path: Path) -> None:
    text = "topics:\n  a: {name: 甲, owner: x, rules: [{any_of: 甲}]}\n  a: {name: 乙, owner: x, rules: [{any_of: 乙}]}"
    assert "line 3: the key 'a' is written twice" in mistakes(tmp_path, text)[""]


ELSEWHERE = "\nelsewhere: {name: 其他, owner: publicity, rules: [RULE]}"


def test_what_is_watched_is_every_topic_and_elsewhere_last(tmp_path: Path) -> None:
    alone = load(tmp_path, TOPIC.replace("RULE", "{any_of: 停电}"))
    assert list(alone.watched) == ["outage"]
    both = load(tmp_path, (TOPIC + ELSEWHERE).replace("RULE", "{any_of: 停电}"))
    assert list(both.watched) == ["outage", "elsewhere"]
    assert both.watched["elsewhere"].owner == "publicity"
    assert list(both.topics) == ["outage"]


def test_the_key_of_elsewhere_is_no_topics_key(tmp_path: Path) -> None:
    found = mistakes(tmp_path, TOPIC.replace("RULE", "{any_of: 停电}").replace("outage", "elsewhere"))
    assert "move it to `elsewhere:`" in found["topics.elsewhere.[key]"]


def test_elsewhere_is_read_as_strictly_as_a_topic(tmp_path: Path) -> None:
    sound = TOPIC.replace("RULE", "{any_of: 停电}")
    assert set(mistakes(tmp_path, sound + ELSEWHERE.replace("RULE", "{}"))) == {"elsewhere.rules.0"}
    assert mistakes(tmp_path, sound + ELSEWHERE.replace("RULE", "{any_of: '@无'}")) == {
        "elsewhere.rules.0.any_of": "no such alias; known: none (found '@无')"
    }


def test_a_source_that_is_not_there_is_told_by_its_place(tmp_path: Path) -> None:
    text = (TOPIC + ELSEWHERE).replace("rules: [RULE]", "rules: [{any_of: 停电}], sources: [bbs, gone]")
    assert load(tmp_path, text).unknown_sources(["bbs"]) == [("topics.outage", "gone"), ("elsewhere", "gone")]


@pytest.mark.parametrize(("written", "read"), [("2", 2.0), ("0.05", 0.05), ("50", 50.0)])
def test_a_topic_says_how_many_alarms_a_week_it_may_cost(tmp_path: Path, written: str, read: float) -> None:
    sound = TOPIC.replace("RULE", "{any_of: 停电}")
    assert load(tmp_path, sound).topics["outage"].alerts_per_week is None
    found = load(tmp_path, sound.replace("owner", f"alerts_per_week: {written}, owner"))
    assert found.topics["outage"].alerts_per_week == read


@pytest.mark.parametrize("written", ["0", "0.04", "51", "-1", ".inf", ".nan", "每周一次"])
def test_a_budget_that_no_office_can_mean_is_refused(tmp_path: Path, written: str) -> None:
    text = TOPIC.replace("RULE", "{any_of: 停电}").replace("owner", f"alerts_per_week: {written}, owner")
    assert list(mistakes(tmp_path, text)) == ["topics.outage.alerts_per_week"]
