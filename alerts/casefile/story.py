"""A spike as a publicity officer would tell it: how much, against what is usual, by how many people. Pure.

Scores and thresholds are left to `numbers`, for who wants them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.casefile.likeness import Alike
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.wording import MOST_TIMES, in_words
from alerts.detection.signals import HOUR, LATE_AFTER, Finding, Reason, Signal
from alerts.notify.contents.phrases import local, usual
from stream.process.clock import local_time

DAY = timedelta(days=1)
LEAST_TIMES = 1.2  # below, a difference is not worth a word
COPIED = 0.3  # part of the negatives from which on it is told that texts were repeated
PARTS = (
    (0.95, "几乎全部"), (0.85, "约九成"), (0.71, "约四分之三"), (0.58, "约三分之二"),
    (0.42, "约一半"), (0.0, "约三分之一"),
)  # fmt: skip
TENTHS = ("不足平时的一成", *(f"约为平时的{tenths}成" for tenths in "一两三四五六七八九"))
ABSOLUTE = "基线不足：话题监测不满一天，还说不出平时有多少，先按绝对数量预警（预警线 {threshold:.0f} 条）"
SCORED = {Reason.RISE: "偏离", Reason.LEVEL: "偏离", Reason.FALL: "偏离"}
TOLD = frozenset({*SCORED, Reason.BARE, Reason.COPIES, Reason.SHARE})  # by the story, and not once more


def reasons(snapshot: CaseSnapshot) -> tuple[str, ...]:
    """Tells everything that led to the case, in sentences: the story first, then what colours it."""
    signal = snapshot.signal
    again = (f"复燃：上一轮于{local(snapshot.calmed_at)}平息",) if snapshot.calmed_at else ()
    others = (in_words(one) for one in signal.findings if one.reason not in TOLD)
    return (*story(signal), *again, *map(alike_line, snapshot.alike), *others)


def story(signal: Signal) -> tuple[str, ...]:
    """Tells the counts of the signal's window in up to three sentences."""
    if Reason.FALL in signal.reasons:
        return (_dried_up(signal),)
    bare = next((one for one in signal.findings if one.reason is Reason.BARE), None)
    told = [f"{window(signal)}负面信息 {signal.negative} 条", *(() if bare else (_times(signal),))]
    sentences = ["；".join(filter(None, ["，".join(told), *_voices(signal)]))]
    if bare:
        sentences.append(ABSOLUTE.format(threshold=bare.threshold))
    if signal.negative:
        worse = _if(signal, Reason.SHARE, "，异常升高")
        sentences.append(f"负面占比 {signal.share:.0%}，平时约 {signal.usual_share:.0%}{worse}")
    if signal.bar > 0 and not bare and not _is_past(signal):
        sentences.append(f"此时段的预警线约为每小时 {signal.bar:.0f} 条")
    return tuple(sentences)


def window(signal: Signal) -> str:
    """Names the window that was counted: the last hour, or days, or from when to when where it is past."""
    end = signal.window_end
    if end is not None and _is_past(signal):
        return f"{local(signal.window_start)}至{_until(signal.window_start, end)}间"
    length = HOUR if end is None else end - signal.window_start
    return f"近 {length / HOUR:.0f} 小时" if length <= DAY else f"近 {length / DAY:.0f} 天"


def alike_line(one: Alike) -> str:
    """Says which false alarm of before the wave looks like, and in what."""
    day = one.judged_at
    parts = ["时段相同、倍数相近"] if one.shape else []
    parts += [f"{_part(one.texts)}的帖文相同"] if one.texts else []
    return f"与{local_time(day, '%-m月%-d日')}研判为误报的事件{one.case}相似（{'；'.join(parts)}），供研判参考"


def numbers(signal: Signal) -> tuple[str, ...]:
    """Tells the numbers behind the story: scores with their thresholds, and counts as they were weighed."""
    scores = [_score(one) for one in signal.findings if one.reason in {*SCORED, Reason.SHARE}]
    start, end = signal.window_start, signal.window_end or signal.at
    weighed = f"去重折算 {signal.effective:.0f} 条，预期 {signal.expected:.2g} 条"
    return (*scores, weighed, f"统计时段 {local(start)}至{_until(start, end)}")


def _score(one: Finding) -> str:
    if one.reason is Reason.SHARE:
        return f"负面占比的偶然概率 {one.measured:.1g}，阈值 {one.threshold:g}"
    return f"{SCORED[one.reason]} {one.measured:.1f}，预警线 {one.threshold:.1f}"


def _times(signal: Signal) -> str:
    """Says how many times the usual; of what is usually less than one post no more than is certain."""
    long = signal.window_end is not None and signal.window_end - signal.window_start > HOUR
    rare = signal.expected < 1
    factor = signal.effective / max(signal.expected, 1.0)
    ordinary = f"往常{'同样长的时间' if long else '同时段'}{'' if rare else '约 '}{usual(signal.expected)} 条"
    if factor < LEAST_TIMES:
        return ordinary
    weighed = "去重后" if signal.effective < signal.negative / LEAST_TIMES else ""
    if factor > MOST_TIMES:
        return f"{weighed}为往常的 {MOST_TIMES} 倍以上；{ordinary}"
    return f"{weighed}{'至少' if rare else '约'}为往常的 {_few(factor)} 倍；{ordinary}"


def _voices(signal: Signal) -> Iterator[str]:
    if signal.authors:
        yield f"涉及发帖人 {signal.authors} 人"
    copied = (signal.negative - signal.texts) / max(1, signal.negative)
    if copied >= COPIED:
        text = "同一段文字" if signal.texts == 1 else "相同文字"
        yield f"{_part(copied)}是{text}的转发" + _if(signal, Reason.COPIES, "，可能有人集中转贴")


def _dried_up(signal: Signal) -> str:
    told = f"{window(signal)}发帖 {signal.total} 条"
    if signal.usual_total <= 0:  # of a case of before
        return f"{told}，明显少于平时，请先核对采集是否正常"
    tenths = TENTHS[int(9.99 * min(1.0, signal.total / signal.usual_total))]
    return f"{told}，{tenths}（平时同样长的时间约 {usual(signal.usual_total)} 条），请先核对采集是否正常"


def _part(part: float) -> str:
    return next(words for least, words in PARTS if part >= least)


def _few(factor: float) -> str:
    """Rounds as people do: to a half below five, else to the whole."""
    return f"{round(factor * 2) / 2:g}" if factor < 5 else f"{factor:.0f}"


def _is_past(signal: Signal) -> bool:
    return signal.window_end is not None and signal.at - signal.window_end >= LATE_AFTER


def _until(start: datetime, end: datetime) -> str:
    same = local_time(start, "%F") == local_time(end, "%F")
    return local_time(end, "%H:%M") if same else local(end)


def _if(signal: Signal, reason: Reason, words: str) -> str:
    return words if reason in signal.reasons else ""
