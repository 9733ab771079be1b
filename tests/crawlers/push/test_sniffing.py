from pathlib import Path
from zipfile import ZipFile

import pytest

from crawlers.push.sniffing import Form, form_of
from stream.errors import Rejected

PAGE = "<html><body><table><tr><td>内容</td></tr></table></body></html>"


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", b"", Form.NOTHING),
        ("a.csv", b"\xef\xbb\xbf\r\n", Form.NOTHING),
        ("a.json", b"[]\n", Form.NOTHING),
        ("a.json", b"[{}]", Form.DOCUMENT),
        ("a.xlsx", b"", Form.WORKBOOK),
        ("a.csv", "编号,内容\n".encode("gbk"), Form.DELIMITED),
        ("a.xls", "编号\t内容\n".encode("gbk"), Form.DELIMITED),
        ("a.xls", PAGE.encode("gbk"), Form.PAGE),
        ("a.xls", b"\xef\xbb\xbf\r\n<!-- made by x -->\n<TABLE border=1>", Form.PAGE),
        ("a.csv", b"<!DOCTYPE html><html>", Form.PAGE),
        ("a.xls", b"<style>td {}</style><table><tr>", Form.PAGE),
        ("a.xls", b'<?xml version="1.0"?>\n<html><body>', Form.PAGE),
        ("a.xls", b"<body><table>", Form.PAGE),
        ("a.csv", b"<styles>,text", Form.DELIMITED),
        ("a.csv", b"<3,text", Form.DELIMITED),
        ("a.csv", b"PK\x03\x04 and more", Form.WORKBOOK),
        ("a.xlsx", b"text", Form.WORKBOOK),
        ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', Form.LINES),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', Form.LINES),
        ("a.json", b'\xef\xbb\xbf[{"a": 1}]', Form.DOCUMENT),
        ("a.ndjson", b'[\n{"a": 1}]', Form.DOCUMENT),
        ("a.json", b'{\n  "data": [{"a": 1}]}', Form.DOCUMENT),
        ("a.json", b'{"RECORDS": [{"a": 1}, {"a": 2}]}', Form.DOCUMENT),
        ("a.json", b'\xef\xbb\xbf\n\n{"data":{"list": [ {"a": "' + b"1" * 5_000 + b'"}]}}\n\n', Form.DOCUMENT),
        ("a.json", b'\n{"a": 1}\n{"a": 2}\n', Form.LINES),
        ("a.json", b'{"a": [{"b": 1}]}\n{"a": [{"b": 2}]}\n', Form.LINES),
        ("a.json", b'{"a": ["b"]}', Form.LINES),
        ("a.jsonl", b'{"a": [{"b": 1}]}', Form.LINES),
    ],
)
def test_the_bytes_tell_the_form_whatever_the_file_is_called(
    tmp_path: Path, name: str, content: bytes, form: Form
) -> None:
    assert form_of(put(tmp_path, name, content)) is form


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0" + b"\0" * 5_000 + "EncryptedPackage".encode("utf-16-le"),
            "locked by a password",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 5_000, "before 2007"),
        ("a.xls", b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>', "of 2003"),
        ("a.ods", b"PK\x03\x04", "an OpenDocument sheet: open it and save it as XLSX"),
        ("a.et", b"\xd0\xcf\x11\xe0", "a sheet of WPS: open it"),
        ("a.docx.zip", b"PK\x03\x04", "give one of"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(Rejected, match=words) as refused:
        form_of(put(tmp_path, name, content))
    assert refused.value.reason == "unknown_format"


def test_a_sheet_of_an_open_document_is_named(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(Rejected, match="OpenDocument"):
        form_of(tmp_path / "a.xlsx")
