"""An export has a reason, is on record before it goes out, and holds neither authors nor formulas."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from openpyxl import load_workbook
from sqlalchemy import select

from alerts.console.door import Premises
from alerts.console.tables import AccessRow
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn

Write = Callable[..., ScoredPost]
ASKED = f"/search?{urlencode({'q': '停电', 'span': '24h'})}"


@pytest.fixture
def browser(signed_in: SignIn, index: SqliteIndexWriter, write: Write) -> Browser:
    index.put(
        [
            write(1, "停电三天", at=NOW - timedelta(minutes=1)),
            write(2, '停电\n=HYPERLINK("http://evil.example.com")', title="=1+1\u202e"),
            write(3, "停电秘密", deleted_at=NOW - timedelta(days=2)),
            write(4, "充电"),
        ]
    )
    return signed_in("zhang_min")


def noted(premises: Premises) -> list[AccessRow]:
    with reading(premises.context.engine) as session:
        return list(session.scalars(select(AccessRow).where(AccessRow.what == "export")))


def as_table(answer: Response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_a_csv_holds_what_was_found_by_name_and_the_export_is_on_record(browser: Browser, premises: Premises) -> None:
    answer = browser.post("/search/export", at=ASKED, reason="编写周报附件", form="csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="wenfeng-20260921-1402.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)
    rows = as_table(answer)
    assert [row["正文"].split("\n")[0] for row in rows] == ["停电", "停电三天"]
    assert rows[0]["话题"] == "停电抢修"
    (row,) = noted(premises)
    assert (row.person, row.client) == ("zhang_min", "testclient")
    assert json.loads(row.detail) == {
        "query": "停电 · 近 24 小时", "asked": ASKED.partition("?")[2], "reason": "编写周报附件", "form": "csv",
        "rows": 2, "cut": False,
    }  # fmt: skip


def test_no_cell_is_a_formula_and_nobody_s_voice_is_in_it(browser: Browser, write: Write) -> None:
    answer = browser.post("/search/export", at=ASKED, reason="编写周报附件", form="csv")
    (row,) = [row for row in as_table(answer) if row["标题"]]
    assert row["标题"] == "'=1+1"
    assert "\n'=HYPERLINK" in row["正文"]
    assert (write(1).voice or "?") not in answer.text
    assert not {"作者", "发帖人", "voice"} & set(row)


def test_a_workbook_says_the_same(browser: Browser, premises: Premises) -> None:
    answer = browser.post("/search/export", at=ASKED, reason="编写周报附件", form="xlsx")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(cells) == 3
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert json.loads(noted(premises)[0].detail)["form"] == "xlsx"


def test_what_is_withheld_stays_withheld(browser: Browser) -> None:
    page = browser.post("/search/export", at="/search?span=all", reason="编写周报附件", form="csv")
    assert "秘密" not in page.content.decode()
    assert len(as_table(page)) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " 周 "}, "请写明导出事由，4 至 200 个字，如：编写周报附件；现有 1 个字"),
        ({"reason": "长" * 201}, "现有 201 个字"),
        ({"form": "exe"}, "请选择导出为 Excel 或 CSV"),
        ({"asked": "topic=gone"}, "没有话题「gone」"),
        ({"asked": "q=停*"}, "不能代替任意字"),
    ],
)
def test_without_a_reason_nothing_goes_out_and_nothing_is_on_record(
    browser: Browser, premises: Premises, changes: dict[str, str], words: str
) -> None:
    answer = browser.post("/search/export", at=ASKED, **({"reason": "编写周报附件", "form": "csv"} | changes))
    assert answer.status_code == 409
    assert words in answer.text
    assert noted(premises) == []


def test_a_reason_that_is_too_short_is_kept_in_its_field(browser: Browser) -> None:
    answer = browser.post("/search/export", at=ASKED, reason="周报", form="csv")
    assert 'name="reason" value="周报"' in answer.text
    assert 'value="停电"' in answer.text


def test_an_address_alone_exports_nothing(browser: Browser, premises: Premises) -> None:
    assert browser.get("/search/export?asked=q&reason=编写周报附件&form=csv").status_code == 405
    assert noted(premises) == []


def test_without_the_index_nothing_goes_out(away: Browser, premises: Premises) -> None:
    token = away.form("/search", "/signout")["form_token"]
    asked = {"form_token": token, "asked": "q=x", "reason": "编写周报附件", "form": "csv"}
    assert away.send("/search/export", asked).status_code == 503
    assert noted(premises) == []
