"""A case as a document to take along: 快报 and the report of all of it, as docx. Who took one is noted."""

from urllib.parse import quote

from starlette.responses import Response

from alerts.console.accounts.access import Access, note_access
from alerts.console.door import Answer, Door, Missing, Visit
from alerts.console.views.dealing.case import seen_details
from alerts.desk.cases import CaseDetails
from alerts.desk.dealing.findings import express_lines, read_dossier, read_the_past
from alerts.desk.register import Register
from stream.process.clock import SHANGHAI
from stream.state.database import transaction

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def take_express(visit: Visit) -> Answer:
    """Gives the 快报 of a case over posts."""
    from alerts.reports.express import express_report
    from alerts.reports.forms.official import to_docx
    from alerts.reports.records import issue_of

    details, context, now = seen_details(visit), visit.context, visit.now
    case, snapshot = details.case, details.snapshot
    dossier = read_dossier(context, case, snapshot, now) if snapshot else None
    if snapshot is None or dossier is None:
        raise Missing("该事件没有快报；已办结的事件请下载事件报告")
    lines = express_lines(context, case, snapshot, dossier, read_the_past(context, case, now), now)
    began = case.opened_at.astimezone(SHANGHAI).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    issue = issue_of(context.engine, case.id, began)
    made = to_docx(express_report(lines, unit=context.config.organisation, issue=issue, now=now))
    return _given(visit, details, "快报", made)


def take_report(visit: Visit) -> Answer:
    """Gives the report of a case over posts, the review once it ended."""
    from alerts.reports.case import case_report, gather_case
    from alerts.reports.forms.official import to_docx

    details, context = seen_details(visit), visit.context
    if details.snapshot is None:
        raise Missing("系统故障不出事件报告")
    register = Register(context.engine, context.config, context.topics)
    facts = gather_case(register, context.reader, details.case.id, visit.now)
    return _given(visit, details, "报告", to_docx(case_report(facts, visit.now, classified="", issue=None)))


def _given(visit: Visit, details: CaseDetails, kind: str, made: bytes) -> Response:
    """Answers with the file, and notes who took it."""
    with transaction(visit.context.engine) as session:
        told = f"事件 {details.case.id} {kind}"
        note_access(session, visit.now, Access.REPORT, person=visit.key, client=visit.client, detail=told)
    name = quote(f"事件{details.case.id}{kind}.docx")
    return Response(made, media_type=DOCX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


DOORS = (
    Door(path="/case/{number}/express.docx", show=take_express),
    Door(path="/case/{number}/report.docx", show=take_report),
)
