"""`case show` in lines of 80 columns, and no JSON among them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from alerts.cli.cases.telling import WIDTH, fold
from tests.alerts.cli.conftest import Run


def test_a_shown_case_fits_the_width_and_holds_no_json(watched: Run) -> None:
    watched("case", "act", "1", "judge", "--by", "孙丽", "--note", "这是一段很长的说明，" * 20)
    shown = watched("case", "show", "1").stdout
    assert max(map(cell_len, shown.splitlines())) <= WIDTH
    assert "{" not in shown
    assert '"' not in shown
    for words in (
        "评分模型：test@1",
        "话题规则：指纹",
        "首次通知「签收」",
        "（依据：单位自定）",
        "按数量标准为「一般」",
    ):
        assert words in shown


def test_a_line_is_folded_at_wide_blanks_first() -> None:
    assert list(fold("一　二二　三三三", 10)) == ["一　二二", "    三三三"]
    assert list(fold("短", 10)) == ["短"]


def test_no_line_begins_with_a_mark_that_ends_a_sentence() -> None:
    folded = list(fold("说" * 20 + "，" + "好" * 30, 40))
    assert not [line for line in folded if line.strip()[:1] in "，。；"]


@given(text=st.text(st.sampled_from("甲乙a1　 ，。（）"), max_size=300))
def test_folding_loses_nothing_but_blanks_and_keeps_the_width(text: str) -> None:
    folded = list(fold(text, 40))
    assert "".join("".join(folded).split()) == "".join(text.split())
    assert all(cell_len(line) <= 40 for line in folded)
