"""A made-up notice of every occasion, as it would be written in the course of one made-up case."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.casefile.notices import UNPROVEN, commands
from alerts.casefile.telling.express import express, known, questions
from alerts.casefile.telling.headlines import HEADLINES
from alerts.config import AlertsConfig
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.notify.contents.notice import Colour, Demand, Figures, Notice, Occasion, SourceLine
from alerts.notify.contents.phrases import matter, neutral
from alerts.notify.contents.quotes import Quote
from alerts.notify.contents.situation import Answer, Bar, Deed, FirstPost, Happening, Reached, Said, Situation
from alerts.words import STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW

CASE = 0  # no real case has this number
TOPIC = "险情传言"
SILENT = "临江论坛已 3 小时未采集成功"
CLAIM = "东郊变电站冒烟起火，要停电三天"
STATEMENT = "今日14时许，我公司在东郊变电站开展年度反事故演练，无人员伤亡，供电未受影响。"
FOUND = {
    Verdict.RUMOUR: "向站长核实：系反事故演练，14时30分前结束，无停电",
    Verdict.TRUE: "经现场核实：设备冒烟属实，已停运检修，供电未受影响",
}
BARS = (1, 2, 4, 3, 7, 9, 14, 12, 19, 24, 17, 12)
MINUTE = timedelta(minutes=1)
PAGE = "https://bbs.example.com/thread-1-1.html"
NEXT = {"acknowledge": "宣传部负责人", "judge": "宣传部负责人", "verify": "宣传部负责人", "respond": "舆情工作组"}


@dataclass(frozen=True, slots=True)
class Scene:
    """In which step an occasion shows itself best, with which verdict; `grade` where it is another than yellow."""

    step: str
    verdict: Verdict | None = None
    grade: Grade = Grade.YELLOW


SCENES: Mapping[Occasion, Scene] = {
    Occasion.OPENED: Scene("acknowledge"),
    Occasion.ROSE: Scene("acknowledge", grade=Grade.ORANGE),
    Occasion.REKINDLED: Scene("acknowledge"),
    Occasion.NEWS: Scene("judge"),
    Occasion.EXPECTED: Scene("report"),
    Occasion.WARNED: Scene("acknowledge"),
    Occasion.ESCALATED: Scene("acknowledge"),
    Occasion.ASSIGNED: Scene("verify"),
    Occasion.VERDICT: Scene("respond", Verdict.RUMOUR),
    Occasion.STATEMENT: Scene("respond", Verdict.RUMOUR),
    Occasion.SUPERVISED: Scene("verify", grade=Grade.RED),
    Occasion.REGRADED: Scene("judge", grade=Grade.ORANGE),
    Occasion.REMEDY: Scene("remedy", Verdict.TRUE),
    Occasion.MERGED: Scene("judge"),
    Occasion.SPLIT: Scene("judge"),
    Occasion.CLEAR: Scene("close", Verdict.RUMOUR, Grade.BLUE),
    Occasion.TROUBLE: Scene("acknowledge"),
}


def exercise_notice(config: AlertsConfig, occasion: Occasion, person: str, now: datetime) -> Notice:
    """Makes up the notice of the occasion to `person`, a name; the same for the same moment."""
    scene = SCENES[occasion]
    verdict = VERDICT_NAMES[scene.verdict] if scene.verdict else ""
    stands, done = _situation(config, occasion, now), _deeds(occasion, now)
    many = stands.negative
    demand, danger = _demand(config, scene, person, now), "其中 2 条称发生险情，并提及地点、时间，真实性待核实"
    if occasion is Occasion.STATEMENT:
        demand = replace(demand, key="approve", step="口径审批")
    told = HEADLINES[occasion].format(
        matter=matter(TOPIC), named=neutral(TOPIC), topic=SILENT, step=demand.step, desk=demand.desk,
        verdict=verdict, before="宣传部舆情值班", grown="（15 条→33 条）", minutes=5,
    )  # fmt: skip
    whole = Notice(
        id=f"exercise.{occasion}.{now:%Y%m%d%H%M%S}@{config.host}", thread="", occasion=occasion, at=now,
        organisation=config.organisation, case=CASE, topic=TOPIC, colour=Colour(scene.grade),
        grade=GRADE_NAMES[scene.grade], stage=_stage(scene.step), headline=told,
        truth=f"已核实：{verdict}" if verdict else UNPROVEN, figures=_figures(stands),
        danger="" if verdict else danger,
        reasons=(
            f"近 1 小时负面信息 {many} 条，至少为往常的 {many} 倍；往常同时段不足 1 条；涉及发帖人 {stands.authors} 人",
            f"负面占比 {many / stands.total:.0%}，平时约 30%；异常程度：极高",
        ),
        grading=(
            f"发帖人数 {stands.authors} ≥ 10，达到「较大」标准", f"若负面帖文数达到 100（现为 {many}），将升为「重大」"
        ),
        quotes=_quotes(now), sources=(), demand=demand, dashboard="",
        numbers=("偏离 10.3，预警线 6.0", f"去重折算 {many} 条，预期 0.4 条"),
        claim=CLAIM, situation=stands, verdict=verdict,
        known=known(done[:1] if verdict else (), verdict),
        unknown=questions(demand.key, verdict, ""),
        deeds=done, statement=STATEMENT if occasion is Occasion.STATEMENT else "",
        answered=_answer() if occasion in (Occasion.OPENED, Occasion.REKINDLED) else None,
        express=express(
            topic=TOPIC, grade=GRADE_NAMES[scene.grade], verdict=verdict, claim=CLAIM, situation=stands, deeds=done,
            step=scene.step, now=now,
        ),
        informed=("王芳",), informed_before=("张敏",) if done else (), exercise=True,
    )  # fmt: skip
    return _trouble(whole, now) if occasion is Occasion.TROUBLE else whole


def _trouble(notice: Notice, now: datetime) -> Notice:
    """Leaves of the notice what is true of a source of ours."""
    late = SourceLine("临江论坛", now - 180 * MINUTE, True)
    return replace(
        notice, topic=SILENT, figures=None, situation=None, danger="", truth="", claim="", quotes=(),
        reasons=("最近一次采集成功在 3 小时前，已超过应有间隔", "其余信息源采集正常"), grading=(), numbers=(), deeds=(),
        known=(), unknown=(), answered=None, informed_before=(), sources=(late,),
    )  # fmt: skip


def _stage(step: str) -> str:
    return STAGE_NAMES[WORKFLOW.rule_of(step).stage]


def _demand(config: AlertsConfig, scene: Scene, person: str, now: datetime) -> Demand:
    key = next((one for one, known in config.people.items() if known.name == person), person)
    desk = "宣传部舆情值班" if scene.step in ("acknowledge", "judge", "close") else "宣传部负责人"
    return Demand(
        person=person, desk=desk, step=STEP_NAMES[scene.step], due_at=now + 60 * MINUTE,
        next_desk=NEXT.get(scene.step, ""), commands=commands(CASE, scene.step, key), key=scene.step,
        link=f"{config.console_address}/case/{CASE}" if config.console_address else "",
    )  # fmt: skip


def _figures(now: Situation) -> Figures:
    return Figures(
        since=now.bars[0].start, at=now.at, total=now.total, negative=now.negative, expected=now.expected,
        effective=float(now.negative), authors=now.authors, texts=now.negative,
        share=now.negative / now.total, usual_share=0.3,
    )  # fmt: skip


def _situation(config: AlertsConfig, occasion: Occasion, now: datetime) -> Situation:
    start, first = now - 120 * MINUTE, now - 118 * MINUTE
    begun, calm = occasion is Occasion.OPENED, occasion is Occasion.CLEAR
    negative = 2 if calm else 15 if begun else 33
    return Situation(
        at=now, negative=negative, total=negative + 3, authors=min(28, negative), expected=0.4,
        before=None if begun else 33 if calm else 15, before_at=None if begun else now - 60 * MINUTE,
        peak=46 if not begun else negative, peak_at=now - 20 * MINUTE,
        first=FirstPost(
            at=first, source="临江论坛", board="市民茶座", title="东郊那边冒烟了？", url=PAGE,
            link=f"{config.console_address}/out?post=0" if config.console_address else "",
            edited_at=None if begun else now - 30 * MINUTE,
        ),
        spread=(
            Reached(source="临江论坛", first_at=first, posts=29, negative=26),
            Reached(source="百度贴吧", first_at=first + 35 * MINUTE, posts=7, negative=7),
        ),
        said=(
            Said(text=CLAIM, posts=24, authors=20, first_at=first),
            Said(text="停电三天，赶紧买蜡烛", posts=6, authors=6, first_at=first + 40 * MINUTE),
        ),
        bars=tuple(Bar(start=start + at * 10 * MINUTE, total=one + 2, negative=one) for at, one in enumerate(BARS)),
        happened=() if begun else (Happening(now - 60 * MINUTE, True), Happening(now - 45 * MINUTE, False)),
        outlook="" if calm else "预计今后 3 小时负面信息 40～120 条", edited=0 if begun else 2,
    )  # fmt: skip


def _deeds(occasion: Occasion, now: datetime) -> tuple[Deed, ...]:
    if occasion in (Occasion.OPENED, Occasion.WARNED, Occasion.ESCALATED):
        return ()
    done = (
        Deed(now - 40 * MINUTE, "张敏", "研判结论：属实舆情，予以上报", "与我方设施有关，已电话报部门负责人"),
        Deed(now - 45 * MINUTE, "张敏", "签收", ""),
    )
    verdict = SCENES[occasion].verdict
    if verdict is None:
        return done
    return (Deed(now - 25 * MINUTE, "陈伟", f"核实结论（{VERDICT_NAMES[verdict]}）", FOUND[verdict]), *done)


def _quotes(now: datetime) -> tuple[Quote, ...]:
    return (
        Quote("刚路过东郊变电站，看见冒烟了，是不是着火了？", "临江论坛", PAGE, now - 118 * MINUTE),
        Quote("群里说要停电三天，真的假的", "百度贴吧", PAGE, now - 60 * MINUTE),
    )


def _answer() -> Answer:
    return Answer(
        claim="变电站爆炸，全城停电", verdict=VERDICT_NAMES[Verdict.RUMOUR], statement=STATEMENT, sure=False
    )  # fmt: skip
