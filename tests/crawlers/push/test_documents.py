import json
from pathlib import Path

import pytest

from crawlers.push import documents
from crawlers.push.documents import read_list, read_page
from crawlers.push.rows import Row
from crawlers.push.tables import candidates, read_table
from stream.errors import Rejected

PAGE = (
    '<html><head><meta charset="{0}"></head><body><table><tr><th colspan="2">十一月</th></tr>'
    "<tr><th>编号</th><th>内容</th></tr><tr><td>0012</td><td>停电<br>三天 &amp; 无人管</td></tr></table></body></html>"
)


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_the_table_of_a_page_that_is_called_a_workbook_is_read(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "导出.xls", PAGE.format(encoding).encode(encoding))
    assert list(read_table(path, "内容")) == [Row(3, {"编号": "0012", "内容": "停电\n三天 & 无人管"})]
    assert candidates(path)[1] == ["编号", "内容"]


def test_a_page_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="without a table"):
        read_page(put(tmp_path, "a.xls", b"<html><body>log in first</body></html>"), None)
    with pytest.raises(Rejected, match="unreadable_file"):
        read_page(put(tmp_path, "a.html", b""), None)


@pytest.mark.parametrize(
    "document",
    [
        [{"id": 1, "text": "停电"}, {"id": 2, "text": "来电"}],
        {"code": 0, "data": [{"id": 1, "text": "停电"}, {"id": 2, "text": "来电"}]},
        {"data": {"total": 2, "tags": [], "list": [{"id": 1, "text": "停电"}, {"id": 2, "text": "来电"}]}},
    ],
)
def test_a_list_in_json_is_rows_wherever_it_stands(tmp_path: Path, document: object) -> None:
    path = put(tmp_path, "a.json", json.dumps(document, ensure_ascii=False, indent=1).encode())
    assert list(read_table(path, "text")) == [Row(1, {"id": 1, "text": "停电"}), Row(2, {"id": 2, "text": "来电"})]
    assert candidates(path) == [["id", "text"]]


def test_what_is_no_object_of_the_list_is_told_by_its_place(tmp_path: Path) -> None:
    one, other = read_list(put(tmp_path, "a.json", '[{"text": "停电"}, 7]'.encode("gbk")), None)
    assert (one.cells, other.line, other.odd and other.odd.reason) == ({"text": "停电"}, 2, "unreadable_row")


@pytest.mark.parametrize("document", [b'{"a": [{}], "b": [{}]}', b'{"a": 1}', b"[1, 2", b"[" * 5_000, b"7"])
def test_other_json_is_refused_as_a_whole(tmp_path: Path, document: bytes) -> None:
    with pytest.raises(Rejected, match="unreadable_file"):
        list(read_list(put(tmp_path, "a.json", document), None))


def test_what_is_too_large_to_be_read_as_a_whole_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 10)
    for read in (read_page, lambda path, encoding: list(read_list(path, encoding))):
        with pytest.raises(Rejected, match="too_large"):
            read(put(tmp_path, "a.json", b"[{}, {}, {}]"), None)


def shown(path: Path, column: str = "内容") -> list[tuple[int, dict[str, str], str]]:
    return [(row.line, dict(row.cells), row.odd.reason if row.odd else "") for row in read_table(path, column)]


def table(folder: Path, rows: str) -> Path:
    return put(folder, "导出.xls", f"<html><meta charset=utf-8><table>{rows}</table></html>".encode())


HEADER = "<tr><th>标题</th><th>内容</th><th>时间</th></tr>"


def test_a_cell_over_several_rows_stands_in_each_and_shifts_none(tmp_path: Path) -> None:
    rows = (
        HEADER + "<tr><td rowspan=2>通知</td><td>没水</td><td rowspan=3>8:00</td></tr><tr><td>有水</td></tr>"
        "<tr><td>别的</td><td>好</td></tr>"
    )
    assert shown(table(tmp_path, rows)) == [
        (2, {"标题": "通知", "内容": "没水", "时间": "8:00"}, ""),
        (3, {"标题": "通知", "内容": "有水", "时间": "8:00"}, ""),
        (4, {"标题": "别的", "内容": "好", "时间": "8:00"}, ""),
    ]


def test_a_cell_over_rows_and_columns_holds_all_of_its_places(tmp_path: Path) -> None:
    rows = HEADER + "<tr><td colspan=2 rowspan=2>没水</td><td>8:00</td></tr><tr><td>8:05</td></tr>"
    assert [cells for _, cells, _ in shown(table(tmp_path, rows))] == [
        {"标题": "没水", "内容": "", "时间": "8:00"},
        {"标题": "没水", "内容": "", "时间": "8:05"},
    ]


@pytest.mark.parametrize("span", ["0", "9999"])
def test_a_cell_that_reaches_to_the_end_ends_with_its_part_of_the_table(tmp_path: Path, span: str) -> None:
    part = f"<tbody><tr><td rowspan={span}>一</td><td>没水</td><td>8</td></tr><tr><td>有水</td><td>9</td></tr></tbody>"
    rows = f"<thead>{HEADER}</thead>{part}<tbody><tr><td>二</td><td>好</td><td>10</td></tr></tbody>"
    assert [list(cells.values()) for _, cells, _ in shown(table(tmp_path, rows))] == [
        ["一", "没水", "8"],
        ["一", "有水", "9"],
        ["二", "好", "10"],
    ]


def test_a_row_of_a_page_that_does_not_fit_is_told(tmp_path: Path) -> None:
    rows = HEADER + "<tr><td>没水</td><td>8:00</td></tr><tr><td>一</td><td>有水</td><td>8:05</td></tr>"
    assert [(line, odd) for line, _, odd in shown(table(tmp_path, rows))] == [(2, "does_not_fit"), (3, "")]


def test_a_table_within_a_cell_is_words_of_it(tmp_path: Path) -> None:
    inner = "<table><tr><td>一</td><td>赞成的人</td><td>3</td></tr></table>"
    rows = (
        HEADER + f"<tr><td>投票</td><td>选吧{inner}</td><td>8:00</td></tr><tr><td>二</td><td>好</td><td>9:00</td></tr>"
    )
    first, second = shown(table(tmp_path, rows))
    assert ("".join(first[1]["内容"].split()), second[1]["内容"]) == ("选吧一赞成的人3", "好")


def test_a_table_within_one_for_the_layout_is_read(tmp_path: Path) -> None:
    inner = f"<table>{HEADER}<tr><td>一</td><td>没水</td><td>8:00</td></tr></table>"
    rows = f"<tr><td>某市</td><td>热线</td></tr><tr><td colspan=2>{inner}</td></tr>"
    assert [cells["内容"] for _, cells, odd in shown(table(tmp_path, rows)) if not odd] == ["没水"]


def test_the_second_row_of_a_header_is_no_post_and_its_names_hold_too(tmp_path: Path) -> None:
    rows = (
        "<tr><th rowspan=2>编号</th><th rowspan=2>内容</th><th colspan=2>时间</th></tr>"
        "<tr><th>发布</th><th>采集</th></tr><tr><td>1</td><td>没水</td><td>8:00</td><td>9:00</td></tr>"
    )
    assert shown(table(tmp_path, rows)) == [
        (2, {}, "header_again"),
        (3, {"编号": "1", "内容": "没水", "时间": "8:00", "发布": "8:00", "采集": "9:00"}, ""),
    ]
