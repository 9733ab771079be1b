"""What a case's page tells of the wave, of what is known and of what is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.desk.cases import read_details
from alerts.desk.dealing.findings import (
    FRESH,
    express_lines,
    known_facts,
    read_dossier,
    read_shown,
    read_the_past,
)
from alerts.desk.register import Register
from alerts.workflow.cases import ActRequest, Case
from alerts.workflow.parts import Verdict
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import ScoredPost
from tests.alerts.conftest import Write

Found = tuple[Case, CaseSnapshot]


class Away:
    """An index that does not answer."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*args: object, **options: object) -> object:
            raise Retryable("index is away")

        return refuse


@pytest.fixture
def found(register: Register, opened: int) -> Found:
    details = read_details(register, opened)
    assert details.snapshot is not None
    return details.case, details.snapshot


def walked(context: CaseContext, now: datetime, *steps: ActRequest) -> Case:
    return [act(context, 1, one, now) for one in steps][-1]


JUDGED = (ActRequest("judge", "zhang_min", "属实舆情"), ActRequest("report", "li_qiang", "已报告"))


def test_a_claim_names_its_first_post(context: CaseContext, found: Found, now: datetime) -> None:
    dossier = read_dossier(context, *found, now)
    assert dossier is not None
    (claim,) = dossier.claims
    assert claim.posts == 30
    (first,) = context.reader.get([claim.first_id])
    assert first.charted_at == claim.first_at
    assert dossier.first is not None
    assert dossier.first.id == claim.first_id


def test_of_a_case_that_ended_long_ago_the_index_is_not_asked(
    context: CaseContext, found: Found, now: datetime
) -> None:
    case, snapshot = found
    ended = replace(case, ended_at=now)
    assert read_dossier(context, ended, snapshot, now + timedelta(days=1)) is not None
    assert read_dossier(context, ended, snapshot, now + FRESH + timedelta(hours=1)) is None


def test_an_index_that_is_away_is_waited_for(context: CaseContext, found: Found, now: datetime) -> None:
    away = replace(context, reader=Away())  # type: ignore[arg-type]
    with pytest.raises(Retryable):
        read_dossier(away, *found, now)
    with pytest.raises(Retryable):
        read_shown(away, found[1].posts, now)


def test_posts_are_shown_as_letters_show_them(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    hostile = write(900, "站长张伟先生 13912345678 \u202egnp.exe 见 https://evil.example/x", source="bbs")
    gone = write(901, "已删", deleted_at=now - timedelta(hours=30), source="bbs")
    index.put([hostile, gone])
    named = replace(context, source_names={"bbs": "临江论坛"})
    first, second = read_shown(named, (hostile.id, gone.id, "0" * 32), now)
    assert (first.id, first.source_name) == (hostile.id, "临江论坛")
    assert first.quote.text == "站长张某先生 ［号码］ gnp[.]exe 见 hxxps://evil[.]example/x"
    assert second.quote.text is None


def test_what_is_known_is_what_was_verified_and_the_rest_is_open(
    context: CaseContext, found: Found, now: datetime
) -> None:
    case, snapshot = found
    before = known_facts(context, case, snapshot, read_the_past(context, case, now))
    assert before.known == ("暂无经核实的情况",)
    assert before.unknown == ("所述情况是否属实", "是否涉及本单位")
    case = walked(context, now, *JUDGED, ActRequest("verify", "chen_wei", "雷击跳闸", Verdict.RUMOUR))
    after = known_facts(context, case, snapshot, read_the_past(context, case, now))
    assert after.known == ("核实结论：谣言", "9月21日14:02 陈伟：雷击跳闸")
    assert not [one for one in after.unknown if "属实" in one]


def test_a_report_upward_is_drafted_at_every_step_and_advises_where_it_is_asked_for(
    context: CaseContext, found: Found, now: datetime
) -> None:
    case, snapshot = found
    dossier = read_dossier(context, case, snapshot, now)
    assert dossier is not None

    def drafted(case: Case) -> tuple[str, ...]:
        return express_lines(context, case, snapshot, dossier, read_the_past(context, case, now), now)

    case = walked(context, now, ActRequest("acknowledge", "zhang_min"))
    told = drafted(case)
    assert told[0] == "关于涉停电抢修信息的情况报告（较大）"
    assert told[1] == "一、内容：网传听说好几个小区停电三天没人管。"
    assert any(one.startswith("六、建议") for one in told)
    case = walked(context, now, *JUDGED)
    later = drafted(case)
    assert not any(one.startswith("六、建议") for one in later)
    assert "李强" in next(one for one in later if one.startswith("五、处置"))


def test_the_posts_of_a_case_are_those_it_was_opened_over(
    context: CaseContext, found: Found, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    shown = read_shown(context, found[1].posts, now)
    assert [one.id for one in shown] == list(found[1].posts)
