"""What was found, in the sentences that staff read: reasons, triggers, grading, claimed dangers."""

from collections.abc import Mapping, Sequence

from alerts.detection.firing import Fired
from alerts.detection.grades import GRADE_NAMES, MEASURE_NAMES, Grade, Grading, Measure
from alerts.detection.signals import Finding, Reason
from alerts.detection.triggers import When
from alerts.notify.contents.quotes import clean
from alerts.words import COUNTER_NAMES

MOST_TIMES = 100  # so many times the usual are told as such, and no more: beyond, only the quiet before is measured
REASON_WORDS: Mapping[Reason, str] = {
    Reason.RISE: "近一小时负面信息明显多于往常",
    Reason.LEVEL: "近一至三天负面信息持续多于往常",
    Reason.FALL: "总帖量明显少于平时，请先核对采集是否正常",
    Reason.BARE: "基线不足：话题监测不满一天，按绝对数量预警（{measured:.0f} 条，预警线 {threshold:.0f} 条）",
    Reason.LATE: "迟到：{ago}升温，当时数据未到或系统未运行",
    Reason.FLAPPING: "时起时落，本轮已是第 {measured:.0f} 次升温",
    Reason.SHARE: "负面占比异常升高",
    Reason.VOLUME: "总帖量同步上升，负面占比与平时相近",
    Reason.COPIES: "其中 {measured:.0f} 条为雷同文字，可能有人集中转贴",
    Reason.FEW_POSTS: "折算后仅 {measured:.1f} 条，不足 {threshold:g} 条",
    Reason.FEW_AUTHORS: "仅 {measured:.0f} 名发帖人，不足 {threshold:g} 名",
    Reason.COLD_START: "话题监测仅 {measured:.0f} 小时，不足 {threshold:g} 小时，尚不知平时水平",
    Reason.UNSCORED: "{measured:.0f} 条未能评分，请人工查看",
    Reason.SOURCES_SILENT: "{threshold:.0f} 个信息源中有 {measured:.0f} 个未按时采集成功，实际数量可能更多",
    Reason.SOURCES_UNKNOWN: "没有信息源的运行记录，无法判断数据是否完整",
    Reason.STAGES_BEHIND: "数据处理滞后 {measured:.0f} 分钟，近期数量不完整",
    Reason.STAGES_UNKNOWN: "无法得知数据处理进度，数量可能不完整",
}
FIRED_WORDS: Mapping[When, str] = {
    When.CUE: "{measured} 人称某处发生{words}，并提及地点、时间，真实性待核实",
    When.SOURCE: "{words} {things} 参与报道，{measured} 条",
    When.SPREAD: "负面信息已出现在 {measured} 个网站（{words}），其中 {things} 前几日没有",
    When.COUNTER: "单帖{words}达到 {measured}，标准为 {at_least}",
    When.URGENT: "内部渠道有紧急反映{words}，真实性待核实",
    When.HAND: "人工上报（{things}）：{words}",
}
TOLD = 6  # triggers told in one notice, the newest


def fired_lines(fired: Sequence[Fired]) -> list[str]:
    """Says what brought the case about beside counts, or was told of it since; how many more where there are many."""
    lines = [_fired_in_words(one) for one in fired[:TOLD]]
    return lines + ([f"另有 {len(fired) - TOLD} 项，见事件经过"] if len(fired) > TOLD else [])


def _fired_in_words(one: Fired) -> str:
    words = clean(one.words, 200)
    if one.when is When.COUNTER:
        words = COUNTER_NAMES.get(words, words)
    elif one.when is When.URGENT:
        words = f"，提到“{words}”" if words else ""
    return FIRED_WORDS[one.when].format(
        words=words, things=clean("、".join(one.things), 200), measured=amount(one.measured),
        at_least=amount(one.at_least),
    )  # fmt: skip


def amount(count: int) -> str:
    """Writes a count as people say it: from ten thousand on in 万, with one decimal, never more than there is."""
    if count < 10_000:
        return str(count)
    whole, tenth = divmod(count // 1_000, 10)
    return f"{whole}.{tenth} 万" if tenth else f"{whole} 万"


def in_words(finding: Finding) -> str:
    """Words a finding as a sentence, with those of its numbers that are counts or times."""
    ago = _ago(finding.measured)
    return REASON_WORDS[finding.reason].format(measured=finding.measured, threshold=finding.threshold, ago=ago)


def unverified(cues: Sequence[tuple[str, int]]) -> str:
    """Names the dangers that posts claim, in a line that says they are only claimed; empty where none is."""
    claimed = "、".join(f"{count} 条称发生{clean(name, 60)}" for name, count in cues)
    return f"其中 {claimed}，并提及地点、时间，真实性待核实" if claimed else ""


def grading_lines(grading: Grading, fired: Sequence[Fired] = ()) -> list[str]:
    """Says why this grade, and what would raise it; `fired` is what may have set it beside the table."""
    lines = [
        f"{MEASURE_NAMES[one.criterion.measure]} {_number(one.criterion.measure, one.measured)} ≥ "
        f"{_number(one.criterion.measure, one.criterion.at_least)}，达到「{GRADE_NAMES[one.criterion.grade]}」标准"
        for one in grading.held
    ]
    setting = [one for one in fired if one.grade is grading.grade and one.grade is not Grade.BLUE]
    sources = dict.fromkeys(clean(one.source, 120) for one in setting)
    lines += [set_by(source, grading.grade) for source in sources]
    order = list(Grade)
    above = [one for one in grading.weighed if order.index(one.criterion.grade) < order.index(grading.grade)]
    nearest = [one for one in above if order.index(one.criterion.grade) == order.index(grading.grade) - 1]
    return (lines or ["未达到更高等级的任何一项标准"]) + [
        f"若{MEASURE_NAMES[one.criterion.measure]}达到 {_number(one.criterion.measure, one.criterion.at_least)}"
        f"（现为 {_number(one.criterion.measure, one.measured)}），将升为「{GRADE_NAMES[one.criterion.grade]}」"
        for one in nearest
    ]


def _ago(hours: float) -> str:
    if hours < 1:
        return f"约 {hours * 60:.0f} 分钟前"
    return f"约 {hours:.0f} 小时前" if hours < 48 else f"约 {hours / 24:.0f} 天前"


def set_by(source: str, grade: Grade) -> str:
    """Says what set the grade beside the table: a trigger with the source of its number, or who reported."""
    return (
        f"按触发条件定为「{GRADE_NAMES[grade]}」（依据：{source}）" if source else f"上报人定为「{GRADE_NAMES[grade]}」"
    )


def _number(measure: Measure, value: float) -> str:
    if measure is Measure.SHARE:
        return f"{value:.0%}"
    if measure is Measure.FACTOR:
        return f"{round(value, 1):g} 倍" if value <= MOST_TIMES else f"超过 {MOST_TIMES} 倍"
    return f"{value:.0f}"
