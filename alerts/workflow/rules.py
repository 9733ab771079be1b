"""The response workflow as one table: the stages of a case, the step owed in each, and what may be done there. Pure.

初筛研判 → 上报 → 核实 → 拟定口径 → 审批 → 澄清/回应 → 引导 → 跟踪销号 → 复盘. What is answered is answered with words
that two persons stand for. A claim found true is answered and put right: from 属实 there is no way past 整改, and none
back to a clarification.

Beside the steps there are orders, which any open case takes: 并案, 拆分, 转办, 抄送, 督办, 定级.

A new step is one `StepRule` in `WORKFLOW`, named as the target of an action; its words go into alerts/words.py, its
desks and limits into alerts.yml, or into `like` for every alerts.yml that was written before it.

Incidents (a source that is dead, a stage that stands still) are cases as well: they start in `trouble`.
"""

from alerts.workflow.parts import Action, OrderRule, StepRule, Verdict, Who, Wording
from alerts.workflow.table import Workflow

_VERIFY = Action(
    "verify",
    dict.fromkeys(Verdict, "wording") | {Verdict.NOT_OURS: "tracking"},
    verdict=True,
    barred_by=frozenset({Verdict.TRUE}),  # found true is not argued away: it is answered and put right
)
_HOLD = Action("first_word", "verifying", first_word=True)  # 已关注，正在核实: nothing is concluded yet
_DRAFT = Action("draft", "approving", note=False, wording=Wording.WRITES)
_CLARIFY = Action(
    "clarify",
    dict.fromkeys((Verdict.RUMOUR, Verdict.UNVERIFIABLE), "guiding"),
    first_word=True,
    wording=Wording.PUBLISHES,
)
_RESPOND = Action(
    "respond",
    {
        Verdict.TRUE: "planning",
        Verdict.PARTLY_TRUE: "planning",
        Verdict.OPINION: "guiding",
        Verdict.UNVERIFIABLE: "guiding",
        Verdict.RUMOUR: "guiding",
    },
    first_word=True,
    wording=Wording.PUBLISHES,
)
_PLAN = Action("plan_remedy", "remedying", plans=True)
TROUBLE, MENDED = "trouble", "mended"  # the stages of an incident: trouble of our own, not of the public
_AGAIN = {verdict: "verifying" if verdict is Verdict.NOT_OURS else "wording" for verdict in Verdict}
_REOPEN = Action("reopen", "screening", restarts=True)

WORKFLOW = Workflow(
    rules=(
        StepRule(
            stage="screening",
            step="acknowledge",
            until_acknowledged=True,
            done_by=(Action("acknowledge", "screening", note=False),),
        ),
        StepRule(
            stage="screening",
            step="judge",
            done_by=(Action("judge", "reporting"), Action("judge_false_alarm", "false_alarm")),
        ),
        StepRule(stage="reporting", step="report", done_by=(Action("report", "verifying"),)),
        StepRule(stage="verifying", step="verify", done_by=(_VERIFY,), also=(_HOLD,)),
        StepRule(  # anybody who has a part in the case may write: another person stands for the words
            stage="wording", step="word", done_by=(_DRAFT,), also=(_VERIFY,), who=Who.INVOLVED, like="respond"
        ),
        StepRule(
            stage="approving",
            step="approve",
            done_by=(
                Action("approve", "responding", note=False, second_person=True, wording=Wording.APPROVES),
                Action("send_back", "wording", wording=Wording.SENDS_BACK),
            ),
            also=(_VERIFY,),
            like="respond",
        ),
        StepRule(stage="responding", step="respond", done_by=(_CLARIFY, _RESPOND), also=(_DRAFT, _VERIFY)),
        StepRule(stage="planning", step="plan", done_by=(_PLAN,), like="remedy"),
        StepRule(
            stage="remedying",
            step="remedy",
            done_by=(Action("remedied", "guiding", mends=True),),
            also=(_PLAN,),
            dated=True,
        ),
        StepRule(stage="guiding", step="guide", done_by=(Action("guide", "tracking"),), also=(_VERIFY,), again=_AGAIN),
        StepRule(
            stage="tracking",
            step="close",
            done_by=(Action("close", "reviewing", when_calm=True),),
            also=(Action("track", "tracking"), _VERIFY),
            again=_AGAIN,
        ),
        StepRule(
            stage="reviewing", step="review", ended=True, done_by=(Action("review", "archived"),), also=(_REOPEN,)
        ),
        StepRule(stage="archived", ended=True, also=(_REOPEN,)),
        StepRule(stage="false_alarm", ended=True, is_outcome=True, is_false=True, also=(_REOPEN,)),
        StepRule(stage="merged", ended=True, is_outcome=True, also=(_REOPEN,)),
        StepRule(
            stage=TROUBLE,
            step="take",
            until_acknowledged=True,
            like="acknowledge",
            done_by=(Action("take", TROUBLE, note=False),),
        ),
        StepRule(
            stage=TROUBLE, step="mend", like="verify", done_by=(Action("mended", MENDED), Action("no_fault", MENDED))
        ),
        StepRule(stage=MENDED, ended=True),
    ),
    starts=(TROUBLE,),
    orders=(
        OrderRule("assign"),
        OrderRule("copy", who=Who.INVOLVED),
        OrderRule("supervise", who=Who.LEADERS),
        OrderRule("regrade", of="judge"),
        OrderRule("merge", of="judge", to="merged", barred_by=frozenset({Verdict.TRUE, Verdict.PARTLY_TRUE})),
        OrderRule("split", of="judge"),
    ),
)
