from datetime import UTC, datetime

import pytest

from crawlers.pages.answers import JsonObject, folder, fragment, keep_smileys, read_html, read_json
from crawlers.pages.forum import Answer
from crawlers.pages.markup import element_text
from stream.errors import Rejected


def answer(body: bytes) -> Answer:
    return Answer(body=body, url="http://bbs.invalid/", content_type="text/html", at=datetime(2026, 11, 28, tzinfo=UTC))


@pytest.mark.parametrize(
    ("url", "within"),
    [
        ("http://a.invalid", "http://a.invalid/"),
        ("http://a.invalid/bbs", "http://a.invalid/bbs/"),
        ("http://a.invalid/bbs/", "http://a.invalid/bbs/"),
        ("http://a.invalid/bbs/index.php?sid=1#top", "http://a.invalid/bbs/"),
        ("http://a.invalid/index.php", "http://a.invalid/"),
    ],
)
def test_a_forum_lies_in_a_folder_whichever_of_its_addresses_is_configured(url: str, within: str) -> None:
    assert folder(url) == within


def test_smileys_become_words_and_other_pictures_stay_pictures() -> None:
    cell = fragment(
        '<img class="smilies" alt=":)"><img class="emoji" alt="😡"><img class="smilie" alt="Smile"><img alt="x">'
    )
    keep_smileys(cell)
    assert element_text(cell) == ":)😡[Smile]"


def test_what_an_object_does_not_hold_in_the_type_that_is_asked_for_is_empty() -> None:
    told = JsonObject({"a": [1, "2", None, True], "b": {"c": 7}, "d": True, "e": "1,000", "f": None})
    assert told.texts("a") == ["1", "2"]
    assert told.one("b").number("c") == 7
    assert (told.text("d"), told.flag("d"), told.number("d")) == ("", True, None)
    assert told.number("e") is None
    assert (told.moment("a"), told.moment("f"), told.moment("x")) == ("[1, '2', None, True]", "", "")
    assert (told.text("f"), told.one("a").text("x"), told.all("b"), JsonObject("b").flag("c")) == ("", "", [], False)


def test_an_answer_that_is_nothing_of_its_kind_is_rejected_with_a_reason() -> None:
    with pytest.raises(Rejected, match="not JSON"):
        read_json(answer(b"<html>"))
    with pytest.raises(Rejected, match="without content"):
        read_html(answer(b" \n"))
    with pytest.raises(Rejected, match="not JSON"):
        read_json(answer(b"[" * 100_000))


def test_a_page_with_bytes_that_no_parser_keeps_is_read_all_the_same() -> None:
    assert read_html(answer("停\x00电".encode())).text_content() == "停电"


def test_a_posts_emoji_in_two_halves_is_one() -> None:
    assert element_text(fragment("停电&#55357;&#56865;了")) == "停电😡了"
