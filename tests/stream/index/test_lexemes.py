"""What is typed is cut into words and signs; nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.index.lexemes import Sign, lexemes

SHORT = {Sign.OR: "|", Sign.AND: "&", Sign.NOT: "-", Sign.OPEN: "<", Sign.CLOSE: ">"}


def cut(typed: str) -> str:
    return " ".join(SHORT.get(one.sign) or (f'"{one.text}"' if one.quoted else one.text) for one in lexemes(typed))


@pytest.mark.parametrize(
    ("typed", "lexed"),
    [
        ("停电 OR 爆炸", "停电 | 爆炸"),
        ("停电|爆炸｜｜响", "停电 | 爆炸 | 响"),
        ('a"b c"d', 'a "b c" d'),
        ("“a（b” c", '"a（b" c'),
        ("-a －“b” --c a-b", '- a - "b" - - c a-b'),
        ("a - b", "a - b"),
        ("(a b) （c）", "< a b > < c >"),
        ("-(a OR b)", "- < a | b >"),
        ("((a) b)", "< < a > b >"),
        ("(-(a) b)", "< - < a > b >"),
        ("x(a) (a)x a(b (c", "x(a) (a)x a(b (c"),
        ('("a b")', '< "a b" >'),
        ("or a or b or", "or a | b or"),
        ("或 或 或", "或 | 或"),
        ("NOT a AND not b", "- a & not b"),
        ("ＯＲ ａｎｄ", "| ａｎｄ"),
    ],
)
def test_signs_are_told_from_words(typed: str, lexed: str) -> None:
    assert cut(typed) == lexed


@given(st.text('药a (（)）-－|｜"“”OR或', max_size=30))
def test_brackets_are_paired_and_no_other_sign_is_lost(typed: str) -> None:
    depth = 0
    found = list(lexemes(typed))
    for one in found:
        depth += {Sign.OPEN: 1, Sign.CLOSE: -1}.get(one.sign, 0)
        assert depth >= 0
    assert depth == 0
    letters = [letter for letter in typed if letter in "药a"]
    assert [letter for one in found for letter in one.text if letter in "药a"] == letters
