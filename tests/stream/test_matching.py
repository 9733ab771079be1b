from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from stream.matching import Impossible, Occurrence, RuleMatch, TopicMatcher, has_word, impossible_rules
from stream.process.configuration import Configuration
from stream.spelling.folding import fold, fold_post
from stream.topics import Mark, Rule, TopicsConfig, WatchedTopic

EXAMPLE = Path(__file__).parents[2] / "configs" / "example"


def matcher(*rules: Rule, timeout: float = 0.05, aliases: dict[str, tuple[str, ...]] | None = None) -> TopicMatcher:
    """One topic per rule: a, b, c …"""
    topics = {chr(97 + place): WatchedTopic(name="x", owner="x", rules=(rule,)) for place, rule in enumerate(rules)}
    return TopicMatcher(TopicsConfig(topics=topics, aliases=aliases or {}, regex_timeout=timedelta(seconds=timeout)))


def holds(rule: Rule, text: str, **aliases: tuple[str, ...]) -> bool:
    return matcher(rule, aliases=aliases).topics(fold(text)) == ("a",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小区停电了", True),
        ("小区停电了，演习", False),
        ("停电了", False),
        ("小区断电", True),
        ("小区", False),
    ],
)
def test_all_of_any_of_and_none_of_hold_together(text: str, expected: bool) -> None:
    rule = Rule(all_of=("小区",), any_of=("停电", "断电"), none_of=("演习",))
    assert holds(rule, text) is expected


def test_a_topic_is_met_by_any_of_its_rules() -> None:
    rules = (Rule(any_of=("停电",)), Rule(all_of=("电", "恢复")))
    topics = {"outage": WatchedTopic(name="停电", owner="x", rules=rules)}
    both = TopicMatcher(TopicsConfig(topics=topics))
    assert both.topics("电恢复了") == ("outage",)
    assert [hit.rule for hit in both.match("停电,恢复了")] == [0, 1]


def test_an_alias_is_met_by_any_of_its_words() -> None:
    rule = Rule(all_of=("@地方", "停电"))
    assert holds(rule, "滨江路停电", 地方=("幸福里", "滨江路"))
    assert not holds(rule, "老城停电", 地方=("幸福里", "滨江路"))
    assert holds(Rule(any_of=("＠地方",)), "滨江路停电", 地方=("幸福里", "滨江路")), "written in full width"


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("AI", "用ai画图", True),
        ("AI", "aim high", False),
        ("AI", "Ｔｈａｉ ＡＩ！", True),
        ("12", "停电12小时", True),
        ("12", "停电312小时", False),
        ("app闪退", "这APP闪退了", True),
        ("customer service", "Customer\n  Service is down", True),
        ("停电", "停 电", True),
        ("停电", "停\u200b\u2060电", True),
        ("停电", "停\u0336电\u0336", True),
        ("停电", "停，电", False),
        ("停电", "停*电", True),
        ("停电", "停電三天", True),
        ("停電", "停电三天", True),
        ("水军常用", "水-军.常/用", True),
        ("微软", "ｶ微软", True),
        ("😡", "气死😡了", True),
        ("220 kV", "一条220kV线路", True),
        ("220kV", "220 KV 线路", True),
        ("Café", "那家cafe", True),
        ("👍", "好👍🏽", True),
        ("着火", "變電所著火了", True),
        ("着火", "原著火了", False),
        ("停电", "停.电", True),
        ("停电", "又停（电）了", True),
        ("停电", "停⚡电", True),
        ("变电站", "变⚡电⚡站", True),
        ("变电站", "变(电)站", True),
        ("变电站", "看·变·电·站·去", True),
        ("电站", "来电。站长说", False),
        ("电站", "来电，站长说", False),
        ("电站", "来电！站长说", False),
        ("电站", "来电、站长说", False),
        ("电站", "来电…站长说", False),
        ("电站", "来电\n（一）站长说", False),
        ("电一站", "来电（一）站长说", False),
        ("停电", "停😡😡电", False),
        ("停电", "停[怒]电", False),
        ("停电", "停[电]", True),
    ],
)
def test_latin_words_are_whole_and_han_words_stand_anywhere(word: str, text: str, expected: bool) -> None:
    assert holds(Rule(any_of=(word,)), text) is expected


def test_a_mark_between_characters_hides_no_word_that_speaks_against_a_rule() -> None:
    assert not holds(Rule(any_of=("爆炸",), none_of=("演习",)), "爆炸，演·习")


def test_a_pattern_finds_what_is_parted_where_its_words_are_or_it_has_none() -> None:
    assert holds(Rule(any_of=("停电",), regex=r"停电\d天"), "停.电3天")
    assert holds(Rule(regex="停电.天"), "停⚡电三天")
    assert not holds(Rule(regex="停电.天"), "停。电三天")


def test_a_word_that_is_parted_is_shown_with_what_parts_it() -> None:
    [match] = matcher(Rule(any_of=("变电站", "爆炸"), regex="站爆")).match(fold("看变·电·站⚡爆(炸)了"))
    assert match.found == (Occurrence("变电站", 1, 6), Occurrence("站爆", 5, 8), Occurrence("爆炸", 7, 10))


def test_an_assertion_is_found_in_a_parted_text_though_it_takes_no_room() -> None:
    [match] = matcher(Rule(any_of=("停电",), regex="(?=停电了)")).match(fold("又停.电了"))
    assert Occurrence("(?=停电了)", 1, 1) in match.found


@given(st.text(alphabet="停电站变·。😡(（）)aé 1#", max_size=16))
def test_what_is_found_in_a_text_is_found_whatever_marks_are_added_between_its_characters(text: str) -> None:
    several = matcher(*(Rule(any_of=(word,)) for word in ("停电", "变电站", "电站")))
    plain = "".join(one for one in text if one in "停电站变。a")
    marked = "·".join(plain)
    assert set(several.topics(fold(plain))) <= set(several.topics(fold(marked)))


def test_words_are_looked_for_round_every_seam_however_long_they_are() -> None:
    word = "停电检修通知单第九号文件"
    parted = "前" * 300 + word[:5] + "·" + word[5:] + "后" * 300 + word[:1] + "·" + word[1:-1] + "·" + word[-1:]
    [match] = matcher(Rule(any_of=(word,))).match(fold(parted))
    assert [(one.start, one.end) for one in match.found] == [(300, 313), (613, 627)]


def test_a_word_never_reaches_from_the_title_into_the_text() -> None:
    found = matcher(Rule(any_of=("停电",)))
    assert found.topics(fold_post("我的车停", "电话没人接")) == ()
    assert found.topics(fold_post("停电", "")) == ("a",)
    assert found.topics(fold_post("", "停电")) == ("a",)


def test_a_match_says_which_words_stand_where() -> None:
    rule = Rule(all_of=("停电",), any_of=("小区",), regex=r"\d+小时")
    assert matcher(rule).match(fold("停电了,小区停电3小时")) == (
        RuleMatch(
            "a",
            0,
            (
                Occurrence("停电", 0, 2),
                Occurrence("小区", 4, 6),
                Occurrence("停电", 6, 8),
                Occurrence(r"\d+小时", 8, 11),
            ),
        ),
    )


def test_topics_and_hits_agree_and_keep_the_order_of_the_file() -> None:
    several = matcher(Rule(regex="电"), Rule(any_of=("水",)), Rule(all_of=("电", "水")), Rule(any_of=("火",)))
    assert several.topics("水电") == ("a", "b", "c")
    assert tuple(hit.key for hit in several.match("水电")) == ("a", "b", "c")


def test_rules_without_any_word_still_match() -> None:
    assert matcher(Rule(regex=r"电费\d{3}")).topics("电费800") == ("a",)


def test_a_pattern_that_takes_too_long_counts_as_not_matched_and_is_logged_once() -> None:
    slow = Rule(any_of=("慢",), regex=r"停(?:.{0,30}电){12}恢复")
    found = matcher(slow, Rule(any_of=("电",)), timeout=0.005)
    hostile = "慢" + "停" * 20 + "电" * 3000
    with capture_logs() as lines:
        assert [found.topics(hostile) for _ in range(3)] == [("b",)] * 3
    assert [(line["event"], line["topic"]) for line in lines] == [("pattern_too_slow", "a")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "\ud800",
        "\x00",
        "电" * 100_000,
        "[CLS]停电[SEP]",
        "\u202e电停",
        "a" + "\u0315\u0300" * 50_000,
    ],
)
def test_no_text_breaks_the_matcher(text: str) -> None:
    matcher(Rule(any_of=("停电",), none_of=("演习",)), Rule(regex="停.{0,5}电")).match(fold_post(text, text))


def test_what_is_folded_stays_folded() -> None:
    for text in ("Ａ Ｂ　停 电\r\n\r\nABC  ", "㍿ ﬁ ß İ", "e\u0301 停\u0336电"):
        assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("幸福里小区又停电了，抢修队什么时候来", ("outage",)),
        ("停了三个小时的电，热得受不了", ("outage",)),
        ("我在手机上看电费，这个月多扣了800块", ("bill",)),
        ("手机没电了", ()),
        ("开发区的充电桩坏了一半", ("charging",)),
        ("供电公司在滨江路施工，围挡占道", ("roadworks",)),
        ("食堂的饭菜里有虫子", ("canteen",)),
        ("年终奖又拖着不发", ("pay",)),
        ("有人触电了！快打120", ("safety",)),
        ("网传明天全市大面积停电，是真的吗", ("rumour",)),
        ("变电站爆炸了，供电公司压着不让说，停电三天，赶紧囤水", ("rumour",)),
        ("供电公司的招牌换了新的", ("elsewhere",)),
        ("今早滨江路停电没有着火没有爆炸，就是跳闸", ("outage",)),
        ("昨晚幸福里小区又停电，业主群都炸了", ("outage",)),
        ("昨晚停电，滨江路变压器炸了冒烟", ("outage",)),
        ("今天天气真好", ()),
    ],
)
def test_the_shipped_rules_find_what_people_write(text: str, topics: tuple[str, ...]) -> None:
    config = Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)()
    assert TopicMatcher(config).topics(fold(text)) == topics


def elsewhere(*rules: Rule) -> TopicMatcher:
    topic = WatchedTopic(name="其他", owner="x", rules=rules)
    outage = WatchedTopic(
        name="停电", owner="x", rules=(Rule(any_of=("停电",)), Rule(any_of=("断电",), regex="断电.天"))
    )
    fields = {"elsewhere": Mark(name="别处", rules=(Rule(any_of=("停电",)),))}
    return TopicMatcher(TopicsConfig(topics={"outage": outage}, elsewhere=topic, fields=fields))


def test_what_names_the_organisation_and_meets_no_topic_is_elsewhere() -> None:
    found = elsewhere(Rule(any_of=("供电公司",)), Rule(regex="电.局"))
    assert found.topics(fold("供电公司换招牌")) == ("elsewhere",)
    assert found.topics(fold("电力局换招牌")) == ("elsewhere",)
    assert found.topics(fold("供电公司断电")) == ("elsewhere",)
    assert found.topics(fold("供电公司断电三天")) == ("outage",)
    assert found.topics(fold("供电公司停电")) == ("outage",)
    assert found.topics(fold("今天天气真好")) == ()


def test_the_rules_of_elsewhere_say_whether_the_organisation_is_named_whatever_topic_there_is() -> None:
    found = elsewhere(Rule(any_of=("供电公司",)))
    assert found.names_organisation(fold("供电公司停电"))
    assert not found.names_organisation(fold("停电了"))
    assert not matcher(Rule(any_of=("停电",))).names_organisation("停电")


def test_every_rule_of_elsewhere_is_shown_where_no_topic_is_met_and_none_where_one_is() -> None:
    found = elsewhere(Rule(any_of=("供电公司",)), Rule(regex="电.{1,3}招牌"))
    assert [(hit.key, hit.rule) for hit in found.match(fold("供电公司招牌"))] == [("elsewhere", 0), ("elsewhere", 1)]
    assert [(hit.part, hit.key) for hit in found.match(fold("供电公司停电招牌"))] == [
        ("topics", "outage"), ("fields", "elsewhere"),
    ]  # fmt: skip


def test_a_field_may_be_called_elsewhere_as_well_and_hides_behind_nothing() -> None:
    fields = {name: Mark(name=name, rules=(Rule(any_of=("停电",)),)) for name in ("service", "elsewhere")}
    assert TopicMatcher(TopicsConfig(topics={}, fields=fields)).fields("停电") == ("service", "elsewhere")


@given(st.text(alphabet="供电公司停断三天换 ", max_size=12))
def test_a_post_is_elsewhere_exactly_where_it_meets_no_topic_and_the_rules_of_elsewhere(written: str) -> None:
    keys = elsewhere(Rule(any_of=("供电",))).topics(fold(written))
    assert ("elsewhere" in keys) == ("供电" in fold(written) and "outage" not in keys)
    assert len(keys) <= 1


@pytest.mark.parametrize(
    ("text", "fields", "cues"),
    [
        ("工资拖了三个月，领导互相推诿", ("economic", "conduct"), ()),
        ("网传滨江路变电站今晚爆炸了", (), ("danger",)),
        ("变电站爆炸了", (), ()),
        ("今晚滨江路有消防演练，现场会冒烟", (), ()),
        ("昨天柳树镇确诊三例", (), ("epidemic",)),
        ("上午十点中山路有人持刀砍人", (), ("police",)),
        ("河边的学校昨晚被淹了，两人被困", (), ("disaster",)),
        ("今天天气真好", (), ()),
    ],
)
def test_the_shipped_fields_and_cues_find_what_people_write(
    text: str, fields: tuple[str, ...], cues: tuple[str, ...]
) -> None:
    found = TopicMatcher(Configuration(EXAMPLE, {}).add("topics.yml", TopicsConfig)())
    assert (found.fields(fold(text)), found.cues(fold(text))) == (fields, cues)


@pytest.mark.parametrize("folder", [EXAMPLE, EXAMPLE.parent])
@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("昨晚滨江路电影城楼下变压器爆炸", ("danger",)),
        ("昨晚滨江路游戏厅着火了", ("danger",)),
        ("昨晚八周年店庆，滨江路商场着火了", ("danger",)),
        ("昨晚停电，模拟考试泡汤了，滨江路变压器炸了", ("danger",)),
        ("昨晚滨江路变压器炸了，群里炸了锅", ("danger",)),
        ("昨晚滨江路爆炸了，业主群都炸了", ("danger",)),
        ("昨晚滨江路商场大火", ("danger",)),
        ("今早滨江路高压线断线，手机没信号", ("danger",)),
        ("今早滨江路断线三处", ("danger",)),
        ("昨晚三人被困滨江路电梯", ("disaster",)),
        ("昨晚滨江路小区有人自杀", ("police",)),
        ("昨晚滨江路小区群里炸了锅", ()),
        ("昨晚滨江路停电，业主群都炸了", ()),
        ("今晚滨江路大火锅开业", ()),
        ("刚刚滨江路停电，手机断线了", ()),
        ("今早地铁站人多到爆炸", ()),
        ("昨晚在学校被困意袭来", ()),
        ("昨晚滨江路商场自杀式降价", ()),
        ("今晚滨江路有消防演练，现场会冒烟", ()),
        ("昨晚看的电影里，医院爆炸了", ()),
        ("今天上午是地震十八周年，学校默哀", ()),
    ],
)
def test_the_shipped_cues_know_places_from_fiction_and_dangers_from_figures_of_speech(
    folder: Path, text: str, cues: tuple[str, ...]
) -> None:
    assert TopicMatcher(Configuration(folder, {}).add("topics.yml", TopicsConfig)()).cues(fold(text)) == cues


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("變電站今晚著火", "变电站", True),
        ("变·电·站着火", "变电站", True),
        ("用AI画图", "ai", True),
        ("AIM", "AI", False),
        ("第12000号", "1200", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("变电站", "\u200b", False),
    ],
)
def test_one_word_is_found_as_the_words_of_rules_are(text: str, word: str, there: bool) -> None:
    assert has_word(fold(text), word) == there


def told_impossible(rule: Rule, **aliases: tuple[str, ...]) -> list[Impossible]:
    topic = WatchedTopic(name="x", owner="x", rules=(Rule(any_of=("好",)), rule))
    return list(impossible_rules(TopicsConfig(topics={"a": topic}, aliases=aliases)))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(any_of=("大停电", "停電了"), none_of=("演习", "停电")), ("any_of", ("大停电", "停電了"), ("停电",))),
        (Rule(any_of=("大停电", "断电"), none_of=("停电", "断")), ("any_of", ("大停电", "断电"), ("停电", "断"))),
        (Rule(any_of=("@电",), none_of=("电",)), ("any_of", ("停电", "断电"), ("电",))),
        (Rule(any_of=("AI画图",), none_of=("@英",)), ("any_of", ("AI画图",), ("ai",))),
        (Rule(all_of=("小区", "停电"), any_of=("投诉",), none_of=("停电",)), ("all_of", ("停电",), ("停电",))),
        (Rule(all_of=("@电",), regex="x", none_of=("电",)), ("all_of", ("停电", "断电"), ("电",))),
    ],
)
def test_a_rule_whose_every_word_holds_a_forbidden_one_is_told_with_the_words(
    rule: Rule, expected: tuple[str, tuple[str, ...], tuple[str, ...]]
) -> None:
    (found,) = told_impossible(rule, 电=("停电", "断电"), 英=("ai",))
    assert (found.place, found.of, found.wanted, found.forbidden) == ("topics.a.rules.1", *expected)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(any_of=("停电", "断电"), none_of=("停电",)),
        Rule(any_of=("停电",), none_of=("停电演习",)),
        Rule(all_of=("@电",), none_of=("停电",)),
        Rule(any_of=("AIM",), none_of=("AI",)),
        Rule(regex="停电", none_of=("停电",)),
    ],
)
def test_a_rule_that_some_text_can_meet_is_not(rule: Rule) -> None:
    assert told_impossible(rule, 电=("停电", "断电")) == []


def test_impossible_rules_of_elsewhere_fields_and_cues_are_told_by_their_places() -> None:
    never = (Rule(any_of=("停电",), none_of=("电",)),)
    mark, topic = Mark(name="x", rules=never), WatchedTopic(name="x", owner="x", rules=never)
    config = TopicsConfig(topics={"a": topic}, elsewhere=topic, fields={"f": mark}, cues={"c": mark})
    places = [one.place for one in impossible_rules(config)]
    assert places == ["topics.a.rules.0", "elsewhere.rules.0", "fields.f.rules.0", "cues.c.rules.0"]


def test_no_shipped_rule_is_impossible() -> None:
    for folder in (EXAMPLE.parent, EXAMPLE):
        assert list(impossible_rules(Configuration(folder).add("topics.yml", TopicsConfig)())) == []


WORDS = st.lists(st.text("停电aB ", min_size=1, max_size=3).filter(str.strip), min_size=1, max_size=2).map(tuple)


@given(WORDS, WORDS, st.text("停电aB .", max_size=12))
def test_no_text_meets_a_rule_that_was_told_to_be_impossible(
    any_of: tuple[str, ...], none_of: tuple[str, ...], text: str
) -> None:
    rule = Rule(any_of=any_of, none_of=none_of)
    if told_impossible(rule):
        assert not holds(rule, text + any_of[0] + text)


def test_matching_keeps_up_with_a_thousand_rules() -> None:
    words = [f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}" for n in range(5000)]
    rules = [
        Rule(all_of=(words[n],), any_of=tuple(words[n + 1 : n + 4]), none_of=(words[n + 4],)) for n in range(0, 5000, 5)
    ]
    topics = {f"t{n}": WatchedTopic(name="x", owner="x", rules=(rule,)) for n, rule in enumerate(rules)}
    found = TopicMatcher(TopicsConfig(topics=topics))
    assert found.topics("天气" * 20 + words[500] + words[502]) == ("t100",)
