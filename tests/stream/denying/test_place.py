from hypothesis import given
from hypothesis import strategies as st

from stream.denying.place import place_of, plain


def test_a_place_has_its_own_sentence_before_and_what_follows_without_quotation_marks() -> None:
    text = "停电了。昨晚“变电站”爆炸了，是真的"
    here = place_of(text, text.index("爆炸"), text.index("爆炸") + 2)
    assert (here.named, here.before, here.after) == ("爆炸", "昨晚变电站", "了,是真的")
    assert here.far_before == "停电了。昨晚“变电站”"


def test_words_passed_on_are_apart_from_those_of_whoever_passes_them_on() -> None:
    text = "真的？//@李四:没有的事//@王五:爆炸了//@赵六:吓人"
    here = place_of(text, text.index("爆炸"), text.index("爆炸") + 2)
    assert (here.forwarders, here.before, here.after) == (("真的?", "没有的事"), "", "了")
    assert place_of(text, 0, 2).forwarders == ()
    assert place_of("https://example.com/爆炸", 20, 22).before == "https://example.com/"


def test_a_fire_that_is_led_to_is_not_one_that_begins() -> None:
    assert place_of("引起火灾", 1, 3).named == "火"


def test_marks_are_written_one_way_and_a_hashtag_is_a_heading() -> None:
    assert plain("#变电站爆炸#？【假的】！💥") == ":变电站爆炸:?假的!"


@given(st.text(alphabet="爆炸/@:李，。#“\n", max_size=60), st.data())
def test_any_place_is_looked_at(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    here = place_of(text, start, data.draw(st.integers(start, len(text))))
    assert len(here.before) <= 60
    assert len(here.after) <= 200
