from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.spelling.hiding import join_spaced, rejoined, shown, without_hiders, without_marks


def test_words_broken_up_to_escape_notice_are_joined() -> None:
    assert join_spaced("水 军 常 用") == "水军常用"
    assert join_spaced("停*电*了") == "停*电*了".replace("*", "")
    assert join_spaced("停灬电") == join_spaced("停丨电") == join_spaced("停ー电") == "停电"


def test_words_that_are_merely_parted_stay_apart() -> None:
    assert join_spaced("停电 投诉") == "停电 投诉"


@given(st.text(alphabet="停电水军 *a1", max_size=30))
def test_joining_only_leaves_out(text: str) -> None:
    joined = iter(text)
    assert all(letter in joined for letter in join_spaced(text))


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("停.电", "停电"),
        ("变⚡电⚡站", "变电站"),
        ("变·电·站爆·炸", "变电站爆炸"),
        ("停(电)了", "停电了"),
        ("(停)电", "停电"),
        ("(停)(电)", "停电"),
        ("停【电】", "停电"),
        ("停“电”了", "停电了"),
        ("停[电]", "停电"),
        ("停🤷♀电", "停电"),
        ("停👩🔧电", "停电"),
        ("停👨👩👧电", "停电"),
        ("停🇨🇳电", "停电"),
        ("停#电", "停电"),
        ("停★电，车·站", "停电，车站"),
    ],
)
def test_what_one_mark_emoji_or_pair_of_brackets_parts_is_put_together(text: str, joined: str) -> None:
    found = rejoined(text)
    assert found is not None
    assert found.text == joined
    assert "".join(text[place] for place in found.places) == joined


@pytest.mark.parametrize(
    "text",
    [
        "", "停电", "来电。站长说", "停,电", "停、电",
        "停:电", "停?电", "停—电", "停 电", "停..电",
        "停a电", "停1电", "停の电", "停@电", "#停电#站", "今天#停电#站长",
        "停[怒]电", "(一)停电", "(停电)站", "a.b", "停(a)电", "\n停\n电",
    ],
)  # fmt: skip
def test_punctuation_letters_tags_and_items_of_a_list_part(text: str) -> None:
    assert rejoined(text) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("变⚡电⚡站", "变电站"), ("变·电·站爆.炸", "变电站爆炸"), ("停(电)了", "停电了"), ("停【电】", "停电"),
        ("停_电", "停电"),
        ("停[怒]电", "停[怒]电"),
        ("辟谣|没停", "辟谣|没停"), ("[织][织]", "[织][织]"), ("说“好”的", "说“好”的"), ("好~好", "好~好"),
        ("停,电", "停,电"),
        ("停..电", "停..电"), ("(一)停电", "(一)停电"), ("停😡😡电", "停😡😡电"),
    ],
)  # fmt: skip
def test_whoever_reads_feelings_is_shown_the_words_and_whatever_says_something_itself(text: str, read: str) -> None:
    assert shown(text) == read


def test_a_text_put_together_knows_where_each_span_was() -> None:
    found = rejoined("又停.电(了)")
    assert found is not None
    assert (found.text, found.seams) == ("又停电了", (2, 3, 4))
    assert [found.written(1, 3), found.written(0, 4), found.written(2, 2), found.written(4, 4)] == [
        (1, 4), (0, 6), (3, 3), (6, 6),
    ]  # fmt: skip
    assert found.around(1) == [(1, 4)]
    assert found.around(9) == [(0, 4)]


def test_seams_far_apart_are_looked_round_one_by_one() -> None:
    found = rejoined("停·电" + "后" * 20 + "停·电")
    assert found is not None
    assert found.around(2) == [(0, 3), (21, 24)]


@given(st.text(alphabet="停电水军。，·⚡()[]怒a #", max_size=30))
def test_putting_together_leaves_out_marks_alone_and_never_what_parts_sentences(text: str) -> None:
    if (found := rejoined(text)) is None:
        return
    gone = [one for place, one in enumerate(text) if place not in found.places]
    assert not set(gone) & set("停电水军。，怒a ")
    assert list(found.places) == sorted(set(found.places))


def test_a_text_of_marks_alone_takes_no_longer_than_others() -> None:
    begun = process_time()
    for text in ("停·" * 10_000, "(停)" * 7_000, "停(" * 10_000, "#" * 20_000, "停😡" * 10_000):
        rejoined(text), shown(text), without_marks(text), without_hiders(text)
    assert process_time() - begun < 1


def test_marks_that_part_no_sentence_are_left_out_and_emoji_stay() -> None:
    assert without_marks("变·电/站。来·电，停😡电 a.b 3·5") == "变电站。来电，停😡电 a.b 3·5"
    assert without_hiders("停*电 停 ~ 电 停.电 a*b") == "停电 停电 停.电 a*b"
