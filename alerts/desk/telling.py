"""A case's record in the words of whoever reads it: what each line adds, and why it has its grade. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import BY_HAND, EventKind
from alerts.casefile.wording import MOST_TIMES, amount, set_by
from alerts.desk.cases import HistoryEntry
from alerts.desk.register import Register
from alerts.detection.grades import GRADE_NAMES, MEASURE_NAMES, Grade, Measure, Weighed
from alerts.detection.signals import Reason
from alerts.detection.triggers import When
from alerts.incidents.kinds import ROWS, Kind
from alerts.notify.answers import STEP as ANSWER
from alerts.notify.contents.notice import Occasion
from alerts.notify.contents.phrases import local, usual
from alerts.words import STEP_NAMES

PROGRAM = "系统"
ORGANISATION = "单位自定"
OWN_WORDS = {"set by the organisation": ORGANISATION}
REASONS_SHORT: Mapping[Reason, str] = {
    Reason.RISE: "一小时内突增", Reason.LEVEL: "持续偏多", Reason.FALL: "总帖异常减少", Reason.BARE: "超过绝对数量线",
    Reason.LATE: "补报", Reason.FLAPPING: "时起时落", Reason.SHARE: "负面占比异常", Reason.VOLUME: "总帖同步上升",
    Reason.COPIES: "转贴雷同多", Reason.FEW_POSTS: "帖数不足", Reason.FEW_AUTHORS: "人数不足",
    Reason.COLD_START: "监测时间短", Reason.UNSCORED: "有未评分帖", Reason.SOURCES_SILENT: "部分信息源未应答",
    Reason.SOURCES_UNKNOWN: "信息源情况不明", Reason.STAGES_BEHIND: "处理滞后", Reason.STAGES_UNKNOWN: "处理进度不明",
}  # fmt: skip
TRIGGER_NAMES: Mapping[When, str] = {
    When.CUE: "危险说法", When.SOURCE: "重点信息源", When.SPREAD: "跨平台传播", When.COUNTER: "转发或浏览量",
    When.URGENT: "内部紧急反映", When.HAND: "人工上报",
}  # fmt: skip
OCCASION_NAMES: Mapping[str, str] = {
    Occasion.OPENED: "首次通知", Occasion.ROSE: "上升通知", Occasion.NEWS: "新情况通知",
    Occasion.REKINDLED: "复燃通知", Occasion.EXPECTED: "下一环节通知", Occasion.WARNED: "临期提醒",
    Occasion.ESCALATED: "升级通知", "overdue": "升级通知", Occasion.STATEMENT: "口径送审",
    Occasion.VERDICT: "核实结论通知", Occasion.ASSIGNED: "转办通知", Occasion.SUPERVISED: "督办通知",
    Occasion.REMEDY: "整改通知", Occasion.MERGED: "并案通知", Occasion.CLEAR: "平息通知",
    ANSWER: "回执", Occasion.TROUBLE: "运行异常通知", Occasion.REGRADED: "调整等级通知", Occasion.SPLIT: "拆分通知",
}  # fmt: skip
KEY_NAMES: Mapping[str, str] = {
    "answer": "服务器答复", "message_id": "信件编号", "hours": "已平静（小时）", "desk": "责任岗位",
    "from": "原岗位", "to": "转至", "due_at": "时限", "step": "环节", "after": "前一事件", "topic": "话题",
    "case": "事件", "until": "期限", "revision": "稿次", "person": "人员", "was": "原为", "grade": "等级",
    "reason": "原因", "detail": "记录", "owner": "责任岗位", "remedy": "整改项", "statement": "口径稿次",
    "suggested": "建议等级", "confirmed": "已确认办理", "known_claim": "辟谣库", "id": "条目", "sure": "确认相符",
    "score": "相似度", "people": "人员", "merged": "并入的事件", "into": "并入", "posts": "帖文",
    "split_from": "拆分自事件", "kind": "类型", "pages": "网页份数", "page_list": "网页清单摘要", "page": "网页摘要",
}  # fmt: skip
_COUNTED = ("negative", "effective", "expected", "authors", "total")
_ASIDE = frozenset({*_COUNTED, BY_HAND, "reasons", "triggers"})


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What people call desks and danger cues, by their keys; a key that is not there stands for itself."""

    desks: Mapping[str, str] = field(default_factory=dict)
    cues: Mapping[str, str] = field(default_factory=dict)

    def desk(self, key: str) -> str:
        """Names a desk."""
        return self.desks.get(key, key)

    def cue(self, key: str) -> str:
        """Names a danger cue."""
        return self.cues.get(key, key)


UNNAMED = KnownNames()


def known_names(register: Register) -> KnownNames:
    """Collects the names that the configuration gives."""
    desks = {key: desk.name for key, desk in register.config.desks.items()}
    return KnownNames(desks, {key: cue.name for key, cue in register.topics.cues.items()})


def who(entry: HistoryEntry) -> str:
    """Names who did it, whether that is proven, and whether it was theirs to do; the program as such."""
    if not entry.is_act and not entry.detail.get(BY_HAND):
        return PROGRAM
    remarks = [word for word, said in (("自报", entry.claimed), ("不在本环节岗位", entry.unlisted)) if said]
    remarks += [f"由{entry.typed_by}代{entry.by}录入"] if entry.typed_by else []
    return f"{entry.by}（{'，'.join(remarks)}）" if remarks else entry.by


def added(entry: HistoryEntry, names: KnownNames = UNNAMED) -> list[str]:
    """Says in words what was recorded with the line beside who, when and why. Nothing is left out."""
    detail = dict(entry.detail)
    told = [*_letter(entry, detail), *_passed_on(entry, detail, names)]
    if detail.get(BY_HAND):
        told.append("人工上报")
    told += _counts(detail, names)
    for key in sorted(detail.keys() - _ASIDE):
        told.append(f"{KEY_NAMES.get(key, key)}：{_plain(key, detail[key], names)}")
    return told


def _letter(entry: HistoryEntry, detail: dict[str, Any]) -> Iterator[str]:
    """Takes from the detail what became of a letter."""
    if entry.kind not in (
        EventKind.SENT, EventKind.SECOND_CHANNEL, EventKind.SENT_WITHOUT_TEXT, EventKind.NOT_DELIVERED,
    ):  # fmt: skip
        return
    step = str(detail.pop("step", ""))
    occasion, _, rest = step.partition("-")
    if name := OCCASION_NAMES.get(occasion):
        yield name + (f"「{STEP_NAMES[rest]}」" if rest in STEP_NAMES else "")
    elif step:
        yield f"通知 {step}"
    if answer := detail.pop("answer", ""):
        yield f"服务器答复：{answer}"
    if message_id := detail.pop("message_id", ""):
        yield f"信件编号：{message_id}"


def _passed_on(entry: HistoryEntry, detail: dict[str, Any], names: KnownNames) -> Iterator[str]:
    """Takes from the detail whose step it was, and whose it is."""
    if entry.kind == EventKind.WARNED and {"step", "desk"} <= detail.keys():
        yield f"「{_step(detail.pop('step'))}」时限将到，责任岗位：{names.desk(str(detail.pop('desk')))}"
    if entry.kind == EventKind.ESCALATED and {"step", "from", "to"} <= detail.keys():
        before, to = names.desk(str(detail.pop("from"))), names.desk(str(detail.pop("to")))
        yield f"「{_step(detail.pop('step'))}」{before}超时未办，转{to if to != before else '同岗位再次催办'}"
    if {detail.get("from"), detail.get("to")} <= set(Grade):
        before, to = Grade(str(detail.pop("from"))), Grade(str(detail.pop("to")))
        yield f"由「{GRADE_NAMES[before]}」改为「{GRADE_NAMES[to]}」"
    if entry.kind == EventKind.CALM and "hours" in detail:
        yield f"已平静 {detail.pop('hours')} 小时"


def _counts(detail: Mapping[str, Any], names: KnownNames) -> Iterator[str]:
    if "grade" in detail and set(_COUNTED) <= detail.keys():
        weighed = "" if detail["effective"] == detail["negative"] else f"去除雷同折算 {detail['effective']:g} 条，"
        yield (
            f"负面 {detail['negative']} 条（{weighed}往常{usual(detail['expected'])} 条），"
            f"{detail['authors']} 人发帖，总帖 {detail['total']} 条"
        )
    else:
        yield from (f"{_COUNT_NAMES[key]} {detail[key]}" for key in _COUNTED if key in detail)
    if reasons := detail.get("reasons"):
        yield "、".join(_reason(one) for one in reasons)
    if triggers := detail.get("triggers"):
        yield "触发：" + "、".join(_trigger(one, names) for one in triggers)


_COUNT_NAMES = {"negative": "负面", "effective": "折算", "expected": "往常", "authors": "人数", "total": "总帖"}


def _reason(key: object) -> str:
    return REASONS_SHORT[Reason(str(key))] if key in set(Reason) else str(key)


def _trigger(told: object, names: KnownNames) -> str:
    """Names a trigger by its kind, with the thing it found."""
    key, *things = map(str, told) if isinstance(told, list) else (str(told),)
    kind = key.partition(":")[0]
    name = TRIGGER_NAMES[When(kind)] if kind in set(When) else key
    return name + (f"（{'、'.join(map(names.cue, things))}）" if things else "")


def _step(key: object) -> str:
    return STEP_NAMES.get(str(key), str(key))


def _plain(key: str, value: object, names: KnownNames) -> str:
    """Writes a value as people do: no braces, no keys where there is a word."""
    if key in ("grade", "suggested") and value in set(Grade):
        return GRADE_NAMES[Grade(str(value))]
    if key in ("desk", "from", "to", "owner"):
        return names.desk(str(value))
    if key == "step":
        return _step(value)
    if key == "kind" and value in set(Kind):
        return ROWS[Kind(str(value))].name
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_plain("", one, names) for one in value)
    if isinstance(value, dict):
        return "，".join(f"{KEY_NAMES.get(one, one)} {_plain(one, kept, names)}" for one, kept in value.items())
    return _moment(str(value)) if key.endswith("_at") or key == "until" else str(value)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return local(moment) if moment.tzinfo else text


def explain_grade(grade: Grade, snapshot: CaseSnapshot) -> Iterator[str]:
    """Says why a case has its `grade`, with the source of each number, and what would raise or lower it."""
    grading, order = snapshot.grading, list(Grade)
    for one in grading.held:
        source = basis(one.criterion.source)
        yield f"{_measured(one)} ≥ {_limit(one)}，达到「{GRADE_NAMES[grading.grade]}」标准（依据：{source}）"
    setting = [one for one in snapshot.triggers if one.grade is grading.grade and one.grade is not Grade.BLUE]
    yield from dict.fromkeys(set_by(basis(one.source), one.grade) for one in setting)
    if grade is not grading.grade:
        yield f"现为「{GRADE_NAMES[grade]}」：此前达到，或由人确定"
    elif not grading.held and not setting:
        yield "未达到更高等级的任何一项标准"
    yield from _raising(grading.weighed, grade, order)
    yield _lowering(grading.weighed, grade, order)


def _raising(weighed: Sequence[Weighed], grade: Grade, order: list[Grade]) -> Iterator[str]:
    above = [one for one in weighed if order.index(one.criterion.grade) == order.index(grade) - 1 and not one.holds]
    for one in above:
        now = _amount(one.criterion.measure, one.measured)
        name = MEASURE_NAMES[one.criterion.measure]
        yield f"若{name}达到 {_limit(one)}（现为 {now}），将升为「{GRADE_NAMES[one.criterion.grade]}」"


def _lowering(weighed: Sequence[Weighed], grade: Grade, order: list[Grade]) -> str:
    if grade is Grade.BLUE:
        return "已是最低等级"
    holding = [one for one in weighed if one.holds and order.index(one.criterion.grade) <= order.index(grade)]
    below = [one.criterion.grade for one in weighed if one.holds and one not in holding]
    rest = GRADE_NAMES[min(below, key=order.index, default=Grade.BLUE)]
    falls = "、".join(f"{MEASURE_NAMES[one.criterion.measure]}低于 {_limit(one)}" for one in holding)
    return f"{f'若{falls}，' if falls else ''}按数量标准为「{rest}」；事件等级不随数量回落，降级须由人决定"


def basis(source: str) -> str:
    """Names the source of a number; what the shipped files say in English in Chinese."""
    return OWN_WORDS.get(source, source)


def _measured(one: Weighed) -> str:
    return f"{MEASURE_NAMES[one.criterion.measure]} {_amount(one.criterion.measure, one.measured)}"


def _limit(one: Weighed) -> str:
    return _amount(one.criterion.measure, one.criterion.at_least)


def _amount(measure: Measure, value: float) -> str:
    if measure is Measure.SHARE:
        return f"{value:.0%}"
    if measure is Measure.FACTOR:
        return f"{round(value, 1):g} 倍" if value <= MOST_TIMES else f"超过 {MOST_TIMES} 倍"
    return amount(round(value))
