"""What was found as a sheet to take away: with a reason, noted, capped, without authors."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from starlette.responses import StreamingResponse

from alerts.console.door import Answer, Door, Visit
from alerts.console.searches import note_export
from alerts.console.views.posts.search import search_page
from alerts.desk.finding.asked import BadSearch, SearchForm, chips, read_address, to_query
from alerts.desk.finding.scope import SearchScope, read_scope
from alerts.workflow.cases import Refused
from stream.errors import Rejected
from stream.index.finding.sheets import SheetForm, Written, write_sheet
from stream.index.finding.walking import walk
from stream.index.port import Order
from stream.process.clock import local_time

SHORTEST, LONGEST = 4, 200  # characters of a reason
_TYPES = {
    SheetForm.CSV: "text/csv; charset=utf-8",
    SheetForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 1 << 16


def export(visit: Visit) -> Answer:
    """Writes what the search finds as CSV or XLSX; that it was taken is noted before a byte of it goes out."""
    reason, kind = " ".join(visit.field("reason").split()), visit.field("form")
    scope = read_scope(visit.context)
    try:
        form = read_address(visit.field("asked"))
        query = to_query(form, scope, visit.now)
    except BadSearch as error:
        raise Refused(str(error)) from None
    if mistakes := _mistakes(reason, kind):
        return search_page(visit, form, mistakes=mistakes, typed={"reason": reason})
    sheet, by = SheetForm(kind), Order(form.order)
    file = TemporaryFile()  # noqa: SIM115  # closed behind its last byte
    try:
        posts = walk(visit.context.reader, query, by)
        written = write_sheet(sheet, posts, scope.called, file, now=visit.now)
        _note(visit, form, scope, sheet, reason, written)
    except Rejected as error:
        file.close()
        return search_page(visit, form, asked=False, mistakes={"q": error.detail})
    except BaseException:
        file.close()
        raise
    return _download(file, sheet, f"wenfeng-{local_time(visit.now, '%Y%m%d-%H%M')}.{sheet}")


def _mistakes(reason: str, kind: str) -> dict[str, str]:
    found = {}
    if kind not in list(map(str, SheetForm)):
        found["form"] = "请选择导出为 Excel 或 CSV"
    if not SHORTEST <= len(reason) <= LONGEST:
        found["reason"] = f"请写明导出事由，{SHORTEST} 至 {LONGEST} 个字，如：编写周报附件；现有 {len(reason)} 个字"
    return found


def _note(visit: Visit, form: SearchForm, scope: SearchScope, sheet: SheetForm, reason: str, written: Written) -> None:
    told = " · ".join(filter(None, (form.words, *(chip.text for chip in chips(form, scope)))))
    detail = {
        "query": told, "asked": form.address(), "reason": reason, "form": str(sheet), "rows": written.rows,
        "cut": written.cut,
    }  # fmt: skip
    note_export(visit.context.engine, visit.key, visit.client, detail, visit.now)


def _download(file: IO[bytes], sheet: SheetForm, name: str) -> StreamingResponse:
    size = file.tell()
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return StreamingResponse(_chunks(file), headers=headers, media_type=_TYPES[sheet])


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


DOORS = (Door(path="/search/export", act=export),)
