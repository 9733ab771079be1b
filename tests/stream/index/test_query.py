"""What people type becomes phrases; whatever they type, nothing breaks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.query import DEEPEST, MAX_TOKENS, MAX_TYPED, Part, Phrase, Role, Words, parse_words, understood
from stream.index.tokens import runs


def phrase(*parts: str) -> Phrase:
    return tuple(tuple(part.split()) for part in parts)


CASES = {
    "one part is one phrase": ("食品安全", [phrase("食 品 安 全")], []),
    "white space parts": ("食品　安全", [phrase("食 品"), phrase("安 全")], []),
    "quotes hold white space": ('"hello world" 好', [phrase("hello world"), phrase("好")], []),
    "Chinese and wide quotes do too": ("“a b” ＂c d＂", [phrase("a b"), phrase("c d")], []),
    "an open quote lasts to the end": ('好 "a b', [phrase("好"), phrase("a b")], []),
    "a quote ends the part before it": ('好"a b"', [phrase("好"), phrase("a b")], []),
    "a minus forbids": ("手机 -广告 －“招 聘”", [phrase("手 机")], [phrase("广 告"), phrase("招 聘")]),
    "only forbidden parts are a query": ("-广告", [], [phrase("广 告")]),
    "a minus inside a part is punctuation": ("wi-fi", [phrase("wi", "fi")], []),
    "punctuation inside a part stays in the phrase": ("3.5", [phrase("3", "5")], []),
    "punctuation at the ends of a part does not": ("《食品》。", [phrase("食 品")], []),
    "a part of punctuation is passed over": ("食品 ！！ -", [phrase("食 品")], []),
    "nothing is no condition": (" \n", [], []),
}


@pytest.mark.parametrize(("typed", "required", "forbidden"), CASES.values(), ids=CASES)
def test_typed_words_become_phrases(typed: str, required: list[Phrase], forbidden: list[Phrase]) -> None:
    words = parse_words(typed)
    assert list(words.required) == required
    assert list(words.forbidden) == forbidden


@pytest.mark.parametrize("typed", ["！？", '""', "-", "\u200b", "\ud800", "-。"])
def test_a_query_without_a_token_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(Rejected, match="请至少输入一个字") as refusal:
        parse_words(typed)
    assert refusal.value.reason == "query"


def test_a_pasted_page_is_refused_with_a_remedy() -> None:
    parse_words("药" * MAX_TOKENS)
    with pytest.raises(Rejected, match="一次最多 256 个字或词"):
        parse_words("药" * (MAX_TOKENS + 1))
    with pytest.raises(Rejected, match="太长"):
        parse_words(" " * (MAX_TYPED + 1))


UNDERSTOOD = {
    "OR joins its neighbours alone": ("停电 OR 爆炸 变电站", "停电|爆炸 变电站"),
    "the sign needs no white space": ("停电|爆炸｜冒烟", "停电|爆炸|冒烟"),
    "small letters and 或 are operators between parts": ("停电 or 爆炸 或 冒烟", "停电|爆炸|冒烟"),
    "full width is the same": ("停电 ＯＲ 爆炸", "停电|爆炸"),
    "elsewhere they are words": ("或 停电 or", "或 停电 or"),
    "AND and NOT may be written out": ("停电 AND 爆炸 and NOT 计划", "停电 爆炸 -计划"),
    "a small not is a word": ("not 停电", "not 停电"),
    "brackets hold what OR joins": ("(停电 OR 爆炸) （变电站）", "停电|爆炸 变电站"),
    "brackets of brackets": ("((停电 OR (爆炸 | 冒烟)) 变电站)", "停电|爆炸|冒烟 变电站"),
    "none of what OR joins": ("-(停电 OR 爆炸) 变电站", "-停电 -爆炸 变电站"),
    "brackets inside a part are punctuation": (
        "停电(计划)通知 （转）停电 (^_^) a(b OR c",
        "停电(计划)通知 （转）停电 a(b|c",
    ),
    "an operator in quotation marks is a word": ('"OR" "停电*" "title:x" “a|b”', "OR 停电* title:x a|b"),
    "minuses are one": ("--停电 NOT -爆炸", "-停电 -爆炸"),
    "a keycap is no wildcard": ("*️⃣ 停电？", "*️⃣ 停电？"),
    "nothing beside OR but punctuation in brackets": ("停电 OR (！)", "停电"),
}


def told(part: Part) -> str:
    assert len(part.texts) == len(part.phrases)
    assert (len(part.texts) > 1) is (part.role is Role.ANY_OF)
    return ("-" if part.role is Role.FORBIDDEN else "") + "|".join(part.texts)


@pytest.mark.parametrize(("typed", "expected"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_what_was_understood_is_told_part_by_part(typed: str, expected: str) -> None:
    assert " ".join(map(told, understood(typed))) == expected


def test_words_have_each_part_under_its_role() -> None:
    words = parse_words("变电站 -通知 停电 OR 爆炸 炸 | 响")
    assert words == Words(
        required=(phrase("变 电 站"),),
        forbidden=(phrase("通 知"),),
        any_of=((phrase("停 电"), phrase("爆 炸")), (phrase("炸"), phrase("响"))),
    )


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("停电*", "“[*]”不能代替任意字.*请加引号"),
        ("停＊电", "“＊”不能代替任意字"),
        ("停?电", "“[?]”不能代替任意字"),
        ("*", "不能代替任意字"),
        ("-停*", "不能代替任意字"),
        ("title:停电", "不能写“title:”.*请用筛选条件"),
        ("Site:bbs", "不能写“Site:”"),
        ("标题：停电", "不能写“标题：”"),
        ("-作者:张", "不能写“作者:”"),
        ("OR 停电", "OR 两边都要有词"),
        ("停电 OR", "要找“OR”这个词本身请加引号"),
        ("停电 OR AND 爆炸", "OR 两边都要有词"),
        ("AND 停电", "AND 两边都要有词"),
        ("停电 NOT", "NOT 后面要有词"),
        ("停电 |", "OR 两边都要有词"),
        ("停电 OR -爆炸", "不能是要排除的词"),
        ("(停电 爆炸) OR 冒烟", "括号里的几个条件"),
        ("-(停电 爆炸)", "要排除的括号里只能是用 OR 连接的词"),
        ("-(停电 OR 爆炸 -计划)", "要排除的括号里"),
        ("(" * (DEEPEST + 1) + "停电" + ")" * (DEEPEST + 1), f"最多套 {DEEPEST} 层"),
    ],
)
def test_what_there_is_not_is_refused_in_words_and_never_passed_over(typed: str, remedy: str) -> None:
    with pytest.raises(Rejected, match=remedy) as refusal:
        understood(typed)
    assert refusal.value.reason == "query"


OPERATORS = "药a1 -－\"“”＂'*():（）^{}|｜+~ANDOR或\\"


@given(
    st.text()
    | st.text(alphabet=OPERATORS)
    | st.lists(st.sampled_from(["OR", "(", ")", "-", "药", "或", '"'])).map(" ".join)
)
def test_every_string_is_a_query_or_refused(typed: str) -> None:
    with suppress(Rejected):
        words = parse_words(typed)
        phrases = [*words.required, *words.forbidden, *(one for found in words.any_of for one in found)]
        assert all(run for found in phrases for run in found)
        assert bool(phrases) is bool(typed.strip())


@given(st.text(alphabet=OPERATORS, max_size=20))
def test_a_part_alone_is_the_same_part_again_wanted(typed: str) -> None:
    with suppress(Rejected):
        for part in understood(typed):
            (alone,) = understood(part.alone)
            assert (alone.texts, alone.phrases) == (part.texts, part.phrases)
            assert alone.role is not Role.FORBIDDEN


def test_many_brackets_are_read_in_no_time() -> None:
    for typed in ("(" * MAX_TYPED, "( " * (MAX_TYPED // 2), "药(" * 100 + ")" * 100, "-" * MAX_TYPED):
        with suppress(Rejected):
            understood(typed)


PLAIN = st.text(st.sampled_from("药监局停电abc12"), min_size=1, max_size=6)


@given(st.lists(PLAIN, min_size=1, max_size=5), st.lists(PLAIN, max_size=3))
def test_parts_are_required_in_their_order_and_those_behind_a_minus_forbidden(
    wanted: list[str], not_: list[str]
) -> None:
    words = parse_words(" ".join([*wanted, *(f"-{part}" for part in not_)]))
    assert words.required == tuple(tuple(map(tuple, runs(part))) for part in wanted)
    assert words.forbidden == tuple(tuple(map(tuple, runs(part))) for part in not_)


@given(st.lists(PLAIN, min_size=1, max_size=5), st.sampled_from(['""', "“”", "＂＂", "”“"]))
def test_quoting_a_part_changes_nothing_and_quoting_all_makes_one_phrase(parts: list[str], marks: str) -> None:
    before, behind = marks
    assert parse_words(" ".join(f"{before}{part}{behind}" for part in parts)) == parse_words(" ".join(parts))
    together = parse_words(f"{before}{' '.join(parts)}{behind}").required
    assert together == (tuple(map(tuple, runs(" ".join(parts)))),)


@given(PLAIN)
def test_width_and_case_do_not_matter(part: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in part)
    assert parse_words(wide) == parse_words(part.upper()) == parse_words(part)


@given(st.text(st.sampled_from('药a1 -"“，。\u200b'), max_size=30))
def test_white_space_around_a_query_is_nothing(typed: str) -> None:
    assert outcome(f"\n {typed}\u3000") == outcome(typed)


def outcome(typed: str) -> Words | None:
    try:
        return parse_words(typed)
    except Rejected:
        return None
