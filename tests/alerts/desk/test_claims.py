from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.desk.claims import NewClaim, add_claim, list_claims, match_texts, retire, show_claim
from alerts.desk.register import Register
from alerts.workflow.cases import ActRequest, Refused
from alerts.workflow.parts import Verdict
from stream.messages import ScoredPost

Rumour = Callable[..., list[ScoredPost]]
NEW = NewClaim(
    claim="东岗变电站发生爆炸，三人死亡", by="zhang_min", verdict=Verdict.RUMOUR, statement="并无此事",
    owner="dispatch", evidence="现场照片", valid_until=date(2026, 12, 31),
)  # fmt: skip


def test_a_claim_is_kept_with_who_kept_it_and_listed_and_shown(register: Register, now: datetime) -> None:
    kept = add_claim(register, replace(NEW, claim="  东岗变电站发生爆炸，\n三人死亡 "), now)
    assert (kept.claim, kept.made_by, kept.made_at) == ("东岗变电站发生爆炸， 三人死亡", "张敏", now)
    assert (kept.verdict, kept.statement, kept.owner, kept.case_id) == (Verdict.RUMOUR, "并无此事", "dispatch", None)
    assert list_claims(register) == [kept] == [show_claim(register, kept.id)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"claim": "爆炸了"}, "「爆炸了」太短，会与许多帖文相符：写成一句完整的话，至少 6 个字"),
        ({"claim": "长" * 301}, "不超过 300 个字；现有 301 个字"),
        ({"by": "路人"}, "alerts.yml 的 people 中没有「路人」"),
        ({"owner": "nobody"}, "alerts.yml 中没有岗位「nobody」；现有：publicity（宣传部舆情值班）"),
        ({"valid_until": date(2026, 9, 20)}, "有效期 2026-09-20 已过：写今天或以后的日期，或不写"),
        ({"verdict": None}, "请写明核实结论（--verdict）"),
        ({"statement": " "}, "对外口径（--statement）"),
        ({"owner": None}, "责任岗位（--owner）"),
        ({"case_id": 99}, "没有事件 99"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_do(
    register: Register, now: datetime, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(Refused) as refused:
        add_claim(register, replace(NEW, **changes), now)  # type: ignore[arg-type]
    assert told in refused.value.detail
    assert list_claims(register) == []


def test_a_claim_holds_until_the_end_of_the_offices_day(register: Register, now: datetime) -> None:
    late = now.replace(hour=17)  # one o'clock of the next day there
    with pytest.raises(Refused, match="已过"):
        add_claim(register, replace(NEW, valid_until=now.date()), late)
    assert add_claim(register, replace(NEW, valid_until=now.date()), now).id


def test_the_same_claim_is_not_kept_twice_until_it_is_retired(register: Register, now: datetime) -> None:
    kept = add_claim(register, NEW, now)
    with pytest.raises(Refused, match=f"辟谣库已有这一条：第 {kept.id} 条"):
        add_claim(register, NEW, now)
    assert retire(register, kept.id, now + timedelta(hours=1)).retired_at == now + timedelta(hours=1)
    again = add_claim(register, replace(NEW, statement="新口径"), now)
    assert [one.id for one in list_claims(register)] == [again.id]
    assert [one.id for one in list_claims(register, also_retired=True)] == [kept.id, again.id]
    with pytest.raises(Refused, match="早已停用"):
        retire(register, kept.id, now)
    for do in (lambda: retire(register, 77, now), lambda: show_claim(register, 77)):
        with pytest.raises(Refused, match="辟谣库没有第 77 条"):
            do()


def test_lines_are_held_against_claims_in_use(register: Register, now: datetime) -> None:
    kept = add_claim(register, NEW, now)
    lines = ["今天下雨", "听说东岗变电站爆炸，三人死亡", "东岗变电站爆炸是谣言"]
    (found,) = match_texts(register, lines, now)
    assert (found.text, found.known.id, found.known.sure) == (1, kept.id, True)
    retire(register, kept.id, now)
    assert match_texts(register, lines, now) == []


def test_a_case_says_what_is_not_given(context: CaseContext, register: Register, opened: int, now: datetime) -> None:
    only = NewClaim(claim="好几个小区要停电三天", by="张敏", case_id=opened)
    with pytest.raises(Refused, match=f"事件 {opened} 还没有核实结论"):
        add_claim(register, only, now)
    steps = (("judge", "李强", None), ("report", "李强", None), ("verify", "陈伟", Verdict.RUMOUR))
    for action, by, verdict in steps:
        act(context, opened, ActRequest(action, by, "查过了", verdict), now)
    with pytest.raises(Refused, match="还没有对外说法"):
        add_claim(register, only, now)
    act(context, opened, ActRequest("draft", "张敏", statement="未安排停电三天，以公告为准"), now)
    act(context, opened, ActRequest("approve", "王芳"), now)
    act(context, opened, ActRequest("clarify", "王芳", "已在官微发布"), now)
    kept = add_claim(register, only, now)
    assert (kept.verdict, kept.statement) == (Verdict.RUMOUR, "未安排停电三天，以公告为准")
    assert (kept.owner, kept.case_id) == ("dispatch", opened)
