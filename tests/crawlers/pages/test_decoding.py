import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawlers.pages.decoding import decode, find_codec, utf8_line

USUAL = [bytes([lead, trail]).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF)]
CHINESE = st.text(st.sampled_from([*"abc <>12", *USUAL]), min_size=1).map(lambda text: f"停{text}")
LABELS = ["", "text/html", "text/html; charset=utf-8", "text/html; charset=gbk", "text/html; charset=x", "\x00;;="]


SIMPLIFIED = "滨江路停电抢修中，师傅说半小时就好，谢谢大家。幸福里小区从昨天晚上开始没有电了，客服电话打不通"
TRADITIONAL = "變電站旁邊有人喊停電，大家不要慌。電費帳單又漲了，客服說查不到，請問有沒有人知道怎麼辦？"


def is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("body", "content_type", "text", "encoding"),
    [
        ("停电".encode(), "text/html; charset=utf-8", "停电", "utf-8"),
        ("停电".encode("gbk"), "text/html; charset=gbk", "停电", "gb18030"),
        ("㙍停电".encode("gb18030"), "text/html; charset=gb2312", "㙍停电", "gb18030"),  # GBK has no 㙍
        ("停電".encode("big5"), "text/html; charset=big5", "停電", "big5hkscs"),
        (b'<meta charset="gbk">' + "停电".encode("gbk"), "text/html", '<meta charset="gbk">停电', "gb18030"),
        ("停电".encode(), "text/html", "停电", "utf-8"),
        ("停电".encode("gbk"), "text/html", "停电", "gb18030"),
        ("停电".encode("gbk"), "", "停电", "gb18030"),
        (b"", "", "", "utf-8"),
        (b"abc", "", "abc", "utf-8"),
    ],
)
def test_the_label_decides_and_where_there_is_none_the_bytes(
    body: bytes, content_type: str, text: str, encoding: str
) -> None:
    assert decode(body, content_type) == (text, encoding)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_counts_for_more_than_the_header(mark: bytes) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[mark]
    assert decode(mark + "停电".encode(encoding), "text/html; charset=gbk") == ("停电", encoding)


@pytest.mark.parametrize("override", ["gbk", "GBK", "gb2312", "gb18030", "cp936"])
def test_the_owners_word_counts_for_more_than_any_label(override: str) -> None:
    assert decode("停电".encode("gbk"), "text/html; charset=utf-8", override)[0] == "停电"


@pytest.mark.parametrize("codec", ["hex", "idna", "undefined", "rot13", "base64", "no-such-codec"])
def test_a_page_that_names_no_encoding_of_text_is_read_by_its_bytes(codec: str) -> None:
    body = f'<meta charset="{codec}">停电'
    assert decode(body.encode(), "text/html")[0] == body
    assert decode(body.encode("gbk"), f"text/html; charset={codec}")[0] == body


@pytest.mark.parametrize("label", ["gbk", "big5", "iso-8859-1", "shift_jis", "us-ascii"])
def test_valid_utf8_is_utf8_whatever_the_labels_say(label: str) -> None:
    body = f'<meta charset="{label}">{SIMPLIFIED}'.encode()
    assert decode(body, f"text/html; charset={label}", label) == (body.decode(), "utf-8")
    assert decode("café © 2026".encode(), "text/html; charset=gbk") == ("café © 2026", "utf-8")


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "us-ascii", "x-unknown", ""])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [(SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5hkscs"), ("停電了", "big5hkscs"), ("停电了", "gb18030")],
)
def test_where_no_label_fits_the_likelier_of_the_two_chinese_encodings_is_read(
    text: str, encoding: str, label: str
) -> None:
    assert decode(text.encode(encoding), f"text/plain; charset={label}") == (text, encoding)


@given(st.integers(0, 40), st.integers(4, 40))
def test_four_words_of_either_encoding_are_enough_to_tell_it(start: int, length: int) -> None:
    for text, encoding in ((SIMPLIFIED * 2, "gb18030"), (TRADITIONAL * 2, "big5hkscs")):
        assert find_codec(text[start : start + length].encode(encoding)) == encoding


def test_a_label_that_does_not_fit_gives_way_to_the_next_one() -> None:
    assert decode(f'<meta charset="big5">{TRADITIONAL}'.encode("big5"), "text/html; charset=euc-kr")[1] == "big5hkscs"
    assert decode(SIMPLIFIED.encode("gbk"), "text/html", "big5") == (SIMPLIFIED, "gb18030")


def test_a_torn_character_changes_no_encoding() -> None:
    for text, encoding in ((SIMPLIFIED, "utf-8"), (SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5hkscs")):
        raw = text.encode(encoding)
        assert decode(raw[:31] + b"\xff" + raw[31:], "text/html")[1] == encoding
    japanese = "停電しました。お知らせします" * 5
    assert decode(japanese.encode("shift_jis") + b"\x81", "text/html; charset=shift_jis") == (
        japanese + "\ufffd",
        "cp932",
    )


def test_letters_of_the_west_are_read_by_their_label() -> None:
    assert decode("Stromausfall läßt grüßen".encode("latin-1"), "text/html; charset=iso-8859-1")[0] == (
        "Stromausfall läßt grüßen"
    )


def test_utf16_is_read_by_its_mark_or_by_its_label() -> None:
    for encoding in ("utf-16", "utf-16-be", "utf-16-le"):
        label = "" if encoding == "utf-16" else f"text/csv; charset={encoding}"
        assert decode("id,text\n1,停电".encode(encoding), label)[0] == "id,text\n1,停电"
        assert decode("id,text".encode(encoding), label)[0] == "id,text"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_and_label_is_known_by_where_its_noughts_are(encoding: str) -> None:
    assert decode("id,text\n1,停电三天".encode(encoding), "") == ("id,text\n1,停电三天", encoding)
    assert decode("停\0电\0三天\0没人管".encode(), "text/plain")[1] == "utf-8"  # stray ones make none


def test_a_mark_of_utf8_before_something_else_says_nothing() -> None:
    for text, encoding in ((SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5hkscs")):
        assert decode(codecs.BOM_UTF8 + text.encode(encoding), "text/html; charset=utf-8") == (text, encoding)


def test_the_euro_sign_of_windows_is_read_in_its_gbk() -> None:
    raw = SIMPLIFIED.encode("gbk") + b"\x80" + b"20"
    assert decode(raw, "text/html; charset=gb2312") == (f"{SIMPLIFIED}€20", "gb18030")


@pytest.mark.parametrize("label", ["hz-gb-2312", "iso-2022-jp"])
def test_a_label_of_seven_bits_is_believed_where_its_signs_are(label: str) -> None:
    word = {"hz-gb-2312": "停电三天", "iso-2022-jp": "停電"}[label]
    assert decode(word.encode(label.removesuffix("-gb-2312")), f"text/html; charset={label}")[0] == word
    assert decode(b"plain words", f"text/html; charset={label}") == ("plain words", "utf-8")


def test_an_emoji_in_two_halves_as_java_and_oracle_write_it_is_one() -> None:
    halves = "\ud83d\ude21".encode("utf-8", "surrogatepass")
    assert decode("停电".encode() + halves, "text/csv") == ("停电😡", "utf-8")
    assert decode("停电三天".encode() + halves[:3], "text/csv; charset=utf-8")[0].startswith("停电三天\ufffd")


@pytest.mark.parametrize("label", ["iso-8859-15", "windows-1250", "windows-1254", "euc-kr"])
def test_a_label_of_letters_gives_way_to_chinese_that_is_usual_throughout(label: str) -> None:
    assert decode(SIMPLIFIED.encode("gbk"), f"text/html; charset={label}")[0] == SIMPLIFIED


def test_words_of_gbk_that_are_utf8_by_accident_are_what_their_label_says() -> None:
    assert decode("停".encode("gbk"), "text/html; charset=gbk")[0] == "停"
    assert decode("停".encode("gbk"), "text/html", "gbk")[0] == "停"


def test_the_prolog_of_a_feed_is_a_label() -> None:
    body = f'<?xml version="1.0" encoding="big5"?><title>{TRADITIONAL}</title>'
    assert decode(body.encode("big5"), "application/xml")[0] == body


def test_a_byte_that_fits_nothing_costs_itself_alone() -> None:
    text, _ = decode("停电".encode() + b"\xff" + "了".encode(), "text/html; charset=utf-8")
    assert text == "停电\ufffd了"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("停电".encode(), "text/xml; charset=gb2312", "停电"),
        ("停电".encode("gbk"), "text/xml; charset=gb2312", "停电"),
        ("㙍停电".encode("gb18030"), "text/xml", "㙍停电"),
        ("停電".encode("big5"), "text/xml; charset=big5", "停電"),
        (
            b'<?xml version="1.0" encoding="big5"?>' + "停電".encode("big5"),
            "",
            '<?xml version="1.0" encoding="big5"?>停電',
        ),
        ("\ufeff停电".encode(), "text/xml; charset=gbk", "停电"),
        ("\ufeff停电".encode("utf-16-le"), "text/xml; charset=utf-8", "停电"),
        ("停电".encode()[:-1], "text/xml; charset=utf-8", "停\ufffd"),
        (b"", "", ""),
        (b"abc", "text/xml; charset=no-such-thing", "abc"),
    ],
)
def test_the_bytes_of_a_feed_count_for_more_than_its_labels(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, content_type)[0] == text


@given(CHINESE, st.sampled_from(["utf-8", "gbk", "gb18030"]))
def test_what_was_written_is_read_as_its_label_says(text: str, encoding: str) -> None:
    assume(encoding == "utf-8" or not is_utf8(text.encode(encoding)))
    assert decode(text.encode(encoding), f"text/html; charset={encoding}")[0] == text


@given(CHINESE, st.sampled_from(["utf-8", "gbk"]))
def test_the_owners_encoding_is_the_one_that_is_used(text: str, encoding: str) -> None:
    assume(encoding == "utf-8" or not is_utf8(text.encode(encoding)))
    assert decode(text.encode(encoding), "text/html; charset=utf-16", encoding)[0] == text


@given(st.binary(max_size=300), st.sampled_from(LABELS), st.sampled_from([None, "utf-8", "gbk", "big5", "utf-16"]))
def test_any_bytes_become_a_text_that_can_be_written_again(
    body: bytes, content_type: str, override: str | None
) -> None:
    text, encoding = decode(body, content_type, override)
    assert codecs.lookup(encoding)
    text.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "We don’t know, it’s “fine” – OK…",
        "café au lait",
        "© 2026 Müller",
        "<p>naïve</p>",
        "The tenants’ lift’s broken.",
    ],
)
@pytest.mark.parametrize("label", ["", "text/html; charset=utf-8", "text/html; charset=us-ascii"])
def test_english_of_windows_without_a_label_that_fits_is_read_as_such(text: str, label: str) -> None:
    assert decode(text.encode("cp1252"), label) == (text, "cp1252")


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs"])
@pytest.mark.parametrize("around", ["{}", "<p>{}</p>", "<p>It is fine, we said OK{}</p>", "id,text\n1,{}\n", "Q: {}?"])
def test_a_few_words_of_chinese_among_english_are_no_letters_of_the_west(around: str, encoding: str) -> None:
    words = {
        "gb18030": "停水 停电 好 路滑 謝謝 難 朱镕基 李昇 陳 堃 😀",
        "big5hkscs": "停水 停電 好 路滑 難 體 競 礦 關",
    }
    for word in words[encoding].split():
        read = decode(around.format(word).encode(encoding), "")
        assert read[1] != "cp1252", word
    page, other = around.format("停电"), around.format("停水")  # of which GBK is UTF-8 by accident
    assert decode(page.encode("gb18030"), "") == (page, "gb18030")
    assert decode(other.encode("gb18030"), "text/html; charset=gb2312") == (other, "gb18030")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("words", ["统一处理一下", "最近又开始了\u3000一直这样", "一", "城西的路灯一直不亮" * 12])
def test_utf16_without_a_mark_is_known_where_characters_have_a_nought_of_their_own(words: str, encoding: str) -> None:
    table = "编号,内容,时间\n" + f"1,{words},2026-11-27\n" * 3
    assert decode(table.encode(encoding), "") == (table, encoding)


def test_noughts_between_words_of_ascii_or_of_gbk_make_no_utf16() -> None:
    assert decode(b"ab\0cd\0ef\0gh\0ij\0kl\0m\0", "")[1] == "utf-8"
    assert decode("停电\0三天a\0没人管\0了\0".encode("gbk"), "")[1] == "gb18030"


def test_utf16_without_a_side_is_that_of_windows() -> None:
    assert decode("停电了".encode("utf-16-le"), "", "utf-16")[0] == "停电了"
    assert decode("停电了,x,yz".encode("utf-16-be"), "", "utf-16") == ("停电了,x,yz", "utf-16-be")


def test_a_line_of_utf8_is_told_by_its_characters_of_three_bytes() -> None:
    assert utf8_line("小区停水\n".encode()) == "小区停水\n"
    for other in ("小区停水".encode("gbk"), "联通".encode("gbk"), "谢谢".encode("gbk"), b"plain", "café".encode(), b""):
        assert utf8_line(other) is None
