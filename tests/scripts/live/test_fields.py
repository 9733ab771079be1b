from scripts.live.fields import compared

ASKED = ["id", "date_gmt", "content"]
WHOLE = {"id": 7, "date_gmt": "2026-01-01T00:00:03", "content": {"rendered": "<p>停水</p>"}, "slug": "x"}
LEAN = {"id": 7, "date_gmt": "2026-01-01T00:00:03", "content": {"rendered": "<p>停水</p>"}}


def test_rows_with_the_fields_that_were_asked_for_agree() -> None:
    assert list(compared(ASKED, [LEAN], [WHOLE])) == []


def test_a_field_that_the_site_does_not_have_at_all_is_nobodys_fault() -> None:
    assert list(compared([*ASKED, "type"], [LEAN], [WHOLE])) == []


def test_a_field_that_was_left_out_is_told() -> None:
    lean = {name: value for name, value in LEAN.items() if name != "content"}
    assert list(compared(ASKED, [lean], [WHOLE])) == ["row 7: _fields left out content"]


def test_a_field_that_says_something_else_is_told() -> None:
    lean = {**LEAN, "content": {"protected": False}}
    assert list(compared(ASKED, [lean], [WHOLE])) == ["row 7: content not as in the whole answer"]


def test_what_came_unasked_is_told() -> None:
    assert list(compared(ASKED, [WHOLE], [WHOLE])) == ["row 7: slug came unasked"]


def test_a_row_more_or_less_is_told() -> None:
    assert list(compared(ASKED, [], [WHOLE])) == ["0 rows with _fields, 1 without"]
