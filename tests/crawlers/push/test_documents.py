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
