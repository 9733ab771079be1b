"""Nothing from outside runs in a spreadsheet, hides in it or breaks it."""

import re
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.index.finding.cells import LONGEST, MOST_LINES, in_xlsx, safe_text, unchanged


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+1", "-1", "@SUM(1)", "＝1", "＋1", "－1", "＠x", "﹢1", "⁼1", "\u22121", " =1", "\u00a0=1", "\u3000=1",
     "\ufeff=1", "\u200b\u200d=1", " \u00a0\ufeff ＝1", "\u2060-1"],
)  # fmt: skip
def test_what_begins_as_a_formula_is_text(typed: str) -> None:
    assert safe_text(typed) == f"'{typed}"
    assert safe_text(f"好\n{typed}\n好") == f"好\n'{typed}\n好"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("\t=1", "' =1"),
        ("\r=1", "\n'=1"),
        ("\x00=1", "'=1"),
        ("\u202e=1", "'=1"),
        ("停\x07电\x1b[31m", "停电[31m"),
        ("a\r\nb\rc\u2028d\x85e\x0bf", "a\nb\nc\nd\ne\nf"),
        ("好\ud800好", "好\ufffd好"),
        ("好\uffff\ufffe", "好"),
        ("左\u202e右\u2066", "左右"),
        ("👨\u200d👩\u200d👧 好", "👨\u200d👩\u200d👧 好"),
        ("1+1=2", "1+1=2"),
        ("邮箱 a@b.cn", "邮箱 a@b.cn"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_gone_and_the_rest_stays(typed: str, told: str) -> None:
    assert safe_text(typed) == told


def test_a_cell_is_no_longer_than_a_spreadsheet_takes() -> None:
    assert safe_text("长" * LONGEST) == "长" * LONGEST
    assert safe_text("长" * (LONGEST + 1)) == "长" * (LONGEST - 1) + "…"
    emoji = safe_text("😀" * 20_000)
    assert len(emoji.encode("utf-16-le")) // 2 <= LONGEST
    assert set(emoji) == {"😀", "…"}
    assert safe_text("=" * LONGEST).startswith("'=")
    assert len(safe_text("=" * LONGEST)) == LONGEST


def test_a_cell_has_no_more_lines_than_a_spreadsheet_takes() -> None:
    told = safe_text("\n".join(f"行{n}" for n in range(300)))
    assert told.count("\n") == MOST_LINES - 1
    assert "行299" in told


@given(st.text() | st.text("=+-@ \t\r\n\x00\u200b\ufeff＝'a药\u2028", max_size=20))
def test_no_line_begins_as_a_formula_and_nothing_is_out_of_sight(typed: str) -> None:
    told = safe_text(typed)
    for line in re.split("[\r\n\u2028\u2029\x85]", told):
        seen = "".join(one for one in line if category(one) not in ("Cf", "Zs", "Mn", "Lo", "Cn") or one.isalpha())
        assert not seen or normalize("NFKC", seen[0])[:1] not in tuple("=+-@")
    assert not [one for one in told if category(one) in ("Cc", "Cs") and one != "\n"]
    assert safe_text(told) == told


@pytest.mark.parametrize("typed", ["0012", "123456789012", "1e5", "12E10", "1.5e-3", "0" * 32, "4e" + "1" * 30])
def test_what_a_spreadsheet_would_write_anew_stays_as_it_is(typed: str) -> None:
    assert unchanged(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["12", "3.5", "0", "1e", "e5", "0x1f", "427b20a548fcb0104d679f6d5ac2092b", "药12"])
def test_what_a_spreadsheet_leaves_alone_is_left_alone(typed: str) -> None:
    assert unchanged(typed) == typed


def test_what_xlsx_would_read_as_a_sign_is_written_out() -> None:
    assert in_xlsx("_x003D_1+1 _x_ x0041") == "_x005F_x003D_1+1 _x_ x0041"
