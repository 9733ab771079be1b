"""The subject of a letter: what is wanted by when, then of what. One form for each occasion and step. Pure.

A phone's list shows some twenty characters of it: ten letters of one case are told apart within those.
"""

from collections.abc import Mapping

from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.contents.phrases import deadline, matter

EXERCISE = "【演练】"
LEADS: Mapping[Occasion, str] = {
    Occasion.OPENED: "请{by}前{step}",
    Occasion.ROSE: "更新·{by}前{step}",
    Occasion.NEWS: "新情况·{by}前{step}",
    Occasion.REKINDLED: "复燃·{by}前{step}",
    Occasion.EXPECTED: "请{by}前{step}",
    Occasion.WARNED: "催办·{by}前{step}",
    Occasion.ESCALATED: "逾期转请·{by}前{step}",
    Occasion.STATEMENT: "口径待审·{by}前",
    Occasion.VERDICT: "核实结论·{by}前{step}",
    Occasion.ASSIGNED: "转办·{by}前{step}",
    Occasion.SUPERVISED: "督办·{by}前{step}",
    Occasion.REGRADED: "等级调整·{by}前{step}",
    Occasion.REMEDY: "整改·{by}前",
    Occasion.MERGED: "并案·{by}前{step}",
    Occasion.SPLIT: "拆分立案·{by}前{step}",
    Occasion.CLEAR: "趋缓·{by}前{step}",
    Occasion.TROUBLE: "系统·{by}前{step}",
}
STEP_LEADS: Mapping[str, str] = {  # where the workflow only goes on, its step says it better
    "verify": "待核实 {by}前",
    "respond": "待回应 {by}前",
    "approve": "口径待审 {by}前",
    "remedy": "整改 {by}前",
}
DEEDS: Mapping[str, str] = {"judge": "研判", "close": "办结", "respond": "回应", "acknowledge": "签收"}


def subject_line(letter: Letter) -> str:
    """Writes the subject in words of ours and of the configuration, and numbers; never of a post."""
    if isinstance(letter, Bulletin):
        return letter.subject
    exercise = EXERCISE if letter.exercise else ""
    if letter.copy:
        return f"{exercise}【抄送】{about(letter)}"
    return f"{exercise}【{lead(letter)}】{about(letter)}"


def lead(notice: Notice) -> str:
    """Says what is wanted by when, in as few words as there can be."""
    demand, form = notice.demand, LEADS[notice.occasion]
    if notice.occasion is Occasion.EXPECTED:
        form = STEP_LEADS.get(demand.key, form)
    return form.format(by=deadline(demand.due_at, notice.at), step=DEEDS.get(demand.key, demand.step))


def about(notice: Notice) -> str:
    """Names the matter, its grade, how many negatives there are, and the case."""
    if notice.occasion is Occasion.TROUBLE:
        return f"{notice.topic}（事件{notice.case}）"
    return f"{'·'.join([matter(notice.topic), notice.grade, *_counted(notice)])}（事件{notice.case}）"


def _counted(notice: Notice) -> list[str]:
    now, found = notice.situation, notice.figures
    if now is not None and notice.occasion is Occasion.ROSE and now.before is not None:
        rose = now.negative > now.before
        return [f"负面{now.before}→{now.negative}条" if rose else f"负面峰值{now.peak}条"]
    if now is not None and (now.negative or found is None or notice.occasion is Occasion.CLEAR):
        return [f"负面{now.negative}条"]
    return [f"负面{found.negative}条"] if found else []
