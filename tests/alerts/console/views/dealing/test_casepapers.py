"""A case's papers are Word files of what its page says, and it is noted who took them."""

from io import BytesIO

from docx import Document
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.troubles.casework import open_incident
from alerts.console.tables import AccessRow
from alerts.console.views.dealing.casepapers import DOCX
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from stream.state.database import reading, transaction
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn


def words(content: bytes) -> str:
    return "\n".join(one.text for one in Document(BytesIO(content)).paragraphs)


def test_the_express_is_a_document_and_who_took_it_is_noted(
    signed_in: SignIn, context: CaseContext, opened: int
) -> None:
    answer = signed_in("zhang_min").get(f"/case/{opened}/express.docx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, DOCX)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E4%BA%8B%E4%BB%B61")
    told = words(answer.content)
    assert "关于涉停电抢修信息的情况报告（较大）" in told
    assert "一、内容：网传听说好几个小区停电三天没人管。" in told
    assert "舆情快报〔2026〕第1期" in told
    with reading(context.engine) as session:
        (row,) = session.scalars(select(AccessRow))
    assert (row.person, row.what, row.detail, row.at) == ("zhang_min", "report", "事件 1 快报", NOW)


def test_the_report_is_that_of_the_command_line(signed_in: SignIn, opened: int) -> None:
    told = words(signed_in("zhang_min").get(f"/case/{opened}/report.docx").content)
    assert "关于「停电抢修」舆情事件的情况专报" in told


def test_an_incident_has_no_papers_and_a_stranger_gets_none(
    signed_in: SignIn, context: CaseContext, guest: str
) -> None:
    trouble = Trouble(kind=Kind.FAILED, thing="bbs", since=NOW, what="读不到。", todo="查。", grade=Grade.YELLOW)
    with transaction(context.engine) as session:
        incident = open_incident(session, context, trouble, NOW)
    for kind in ("express", "report"):
        assert signed_in("zhang_min").get(f"/case/{incident.id}/{kind}.docx").status_code == 404
        assert signed_in(guest).get(f"/case/{incident.id}/{kind}.docx").status_code == 404


def test_without_the_index_there_is_no_express_and_the_page_says_why(away: Browser, opened: int) -> None:
    answer = away.get(f"/case/{opened}/express.docx")
    assert answer.status_code == 503
    assert "帖文索引没有应答" in answer.text
