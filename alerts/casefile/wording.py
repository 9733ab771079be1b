"""What was found, in the sentences that staff read: reasons, grading, claimed dangers."""

from collections.abc import Mapping, Sequence

from alerts.detection.grades import GRADE_NAMES, MEASURE_NAMES, Grade, Grading, Measure
from alerts.detection.signals import Finding, Reason
from alerts.notify.quotes import clean

MOST_TIMES = 100  # so many times the usual are told as such, and no more: beyond, only the quiet before is measured
REASON_WORDS: Mapping[Reason, str] = {
    Reason.RISE: "近一小时负面明显多于平时",
    Reason.LEVEL: "近一至三天负面持续多于平时",
    Reason.FALL: "总帖量明显少于平时，请先核对采集是否正常",
    Reason.BARE: "基线不足：话题监测不满一天，按绝对数量预警（{measured:.0f} 条，预警线 {threshold:.0f} 条）",
    Reason.LATE: "迟到：{ago}升温，当时数据未到或系统未运行",
    Reason.FLAPPING: "时起时落，本轮已是第 {measured:.0f} 次升温",
    Reason.SHARE: "负面占比异常升高",
    Reason.VOLUME: "总帖量同步上升，负面占比与平时相近",
    Reason.COPIES: "其中 {measured:.0f} 条为雷同文字，可能有人集中转贴",
    Reason.FEW_POSTS: "折算后仅 {measured:.1f} 条，不足 {threshold:g} 条",
    Reason.FEW_AUTHORS: "仅 {measured:.0f} 个不同发言者，不足 {threshold:g} 个",
    Reason.COLD_START: "话题监测仅 {measured:.0f} 小时，不足 {threshold:g} 小时，尚不知平时水平",
    Reason.UNSCORED: "{measured:.0f} 条未能评分，请人工查看",
    Reason.SOURCES_SILENT: "{threshold:.0f} 个信息源中有 {measured:.0f} 个未按时应答，实际数量可能更多",
    Reason.SOURCES_UNKNOWN: "没有信息源的运行记录，无法判断数据是否完整",
    Reason.STAGES_BEHIND: "数据处理滞后 {measured:.0f} 分钟，近期数量不完整",
    Reason.STAGES_UNKNOWN: "无法得知数据处理进度，数量可能不完整",
}


def in_words(finding: Finding) -> str:
    """Words a finding as a sentence, with those of its numbers that are counts or times."""
    ago = _ago(finding.measured)
    return REASON_WORDS[finding.reason].format(measured=finding.measured, threshold=finding.threshold, ago=ago)


def unverified(cues: Sequence[tuple[str, int]]) -> str:
    """Names the dangers that posts claim, in a line that says they are only claimed; empty where none is."""
    claimed = "、".join(f"{count} 条称有{clean(name, 60)}" for name, count in cues)
    return f"{claimed}，说到了地点和时间；是否属实，待核实" if claimed else ""


def grading_lines(grading: Grading) -> list[str]:
    """Says why this grade, and what would raise it."""
    lines = [
        f"{MEASURE_NAMES[one.criterion.measure]} {_number(one.criterion.measure, one.measured)} ≥ "
        f"{_number(one.criterion.measure, one.criterion.at_least)}，达到「{GRADE_NAMES[one.criterion.grade]}」标准"
        for one in grading.held
    ]
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


def _number(measure: Measure, value: float) -> str:
    if measure is Measure.SHARE:
        return f"{value:.0%}"
    if measure is Measure.FACTOR:
        return f"{round(value, 1):g} 倍" if value <= MOST_TIMES else f"超过 {MOST_TIMES} 倍"
    return f"{value:.0f}"
