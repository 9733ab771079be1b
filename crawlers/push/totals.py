"""Rows that are about the table and none of a person's words: its sums, and notes of who made it, when and from what.

Words alone tell nothing: a complaint may be short and begin so (合计多收了我三百块, 审核人：一直不回). So such a row
says nothing else, and it lacks what the rows before it have: an id, a time, whatever column most of them fill.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any
from unicodedata import normalize

from crawlers.pages.times import SAYS_NONE
from crawlers.push.cells import words_of

TOTALS_OR_NOTE = "totals_or_note"

_MOST = 0.5  # of the rows before
_LONGEST = 160  # characters of a cell: several notes may stand in one
_SIMPLIFIED = str.maketrans(
    "計總彙匯數據製單時間導審統編報條項筆則個錄資備註說來頁", "计总汇汇数据制单时间导审统编报条项笔则个录资备注说来页"
)

_UNIT = r"(?:条|项|件|行|笔|例|份|篇|则|起|宗|单|个|人次|元|rows?|records?|items?)"
_THING = r"(?:记录|数据|信息|诉求|工单|评论|帖子|微博|文章|留言|舆情|结果|内容)"
_FIGURE = rf"[-+]?[¥$]?\d[\d,]*(?:\.\d+)?[%万亿]?{_UNIT}?{_THING}?"
_SUM = (  # without blanks: tables write 合　计
    r"(?:(?:本[页周月季年]|全部)?(?:合计|总计|小计|共计|累计|汇总|总和|总数|求和|总?计数|平均[值数]?|均值|最[大小]值)"
    rf"|(?:grand|sub)?total|sum|average|count)(?:\(.{{1,6}}\))?:?(?:共?{_FIGURE})?"
)
_SUM_OF_GROUP = r".{1,10}(?:合计|总计|小计|汇总|计数|平均值|total|count|average)"  # as Excel names its subtotals
_COUNT = (
    rf"(?:以上|本表|本次|查询结果:?|检索结果:?)?(?:一共|总共|共有|共)(?:导出|查询到|检索到|收到|受理)?:?{_FIGURE}"
    rf"|(?:总?记录[总条]?数|总?条数|总数据?量|数据总[量数]|导出[条总]数):?{_FIGURE}"
    r"|\(?\d+(?:rows?|行(?:记录)?)(?:inset.*)?\)?|第\d+页[,/]?(?:共\d+页)?|page\d+of\d+"
    r"|以下(?:空白|无(?:正文|数据|内容))"
)
_MADE = (
    "(?:制表|填表|填报|上报|报送|统计|编制|审核|复核|审批|校对|经办|导出|打印|生成|制作|下载|查询|采集|录入|汇总|报表"
    "|数据|资料)"
)
_WHO = rf"{_MADE}(?:人员?|者|单位|部门|机构|科室|来源)"
_WHEN = rf"(?:{_MADE}(?:时间段?|日期|周期|区间|期间|范围)|日期)"
_ASKED = rf"(?:{_WHO}|{_WHEN}):?"
_ONE_NOTE = (
    rf"(?:共[有计]?:? ?\d[\d,]* ?{_UNIT}{_THING}?"
    rf"|{_WHO}: ?[^\s,。!?;:]{{0,30}}|{_WHEN}: ?[-\d\s:./~至到年月日时分秒]{{0,50}}|单位: ?[^\s,。!?;:]{{1,3}}"
    r"|以上(?:数据|内容|信息|资料|统计)(?:均|全部)?(?:来源|来自|摘自|由|截[至止]|仅供)[^!?]{0,60}"
    r"|(?:备?注|说明): ?(?:本表|本报表|以上|上表|表中|数据|统计)[^!?]{0,80})"
)
_NOTE = rf"{_ONE_NOTE}(?:[\s;,]+{_ONE_NOTE})*"
_DATE = r"\d{2,4}[-/.年][-\d\s:./年月日时分秒]{1,30}"
_ANSWER = re.compile(r"[^,。!?;，！？；]{1,30}")


class _Says(Enum):
    NOTHING = "nothing"
    SUM = "sum"
    SUM_OF_GROUP = "sum of a group"
    COUNT = "count"
    ASKED = "asked"  # what is asked for stands in the next cell
    NOTE = "note"
    ANSWER = "answer"
    FIGURE = "figure"
    DATE = "date"
    OTHER = "other"


_OF_TABLE = frozenset({_Says.SUM, _Says.COUNT, _Says.ASKED, _Says.NOTE})
_NEVER_OF_TABLE = frozenset({_Says.OTHER, _Says.FIGURE})  # where an id or a writer stands
_OF_A_PERSON = _NEVER_OF_TABLE | {_Says.DATE}  # there, where nothing there is of the table
_LACKING = _OF_TABLE | {_Says.SUM_OF_GROUP, _Says.NOTHING}
_BESIDE = _OF_TABLE | {_Says.NOTHING, _Says.ANSWER, _Says.FIGURE}
_FORMS = tuple(
    (says, spaced, re.compile(form))
    for says, spaced, form in (
        (_Says.FIGURE, False, _FIGURE),
        (_Says.DATE, True, _DATE),
        (_Says.SUM, False, _SUM),
        (_Says.COUNT, False, _COUNT),
        (_Says.ASKED, False, _ASKED),
        (_Says.NOTE, True, _NOTE),
        (_Says.SUM_OF_GROUP, False, _SUM_OF_GROUP),
    )
)


class TableShape:
    """Knows which columns the rows of one file fill, and by that the rows that are about the table.

    `words` are the columns of the words, `telling` those in which anything tells a person's row: id, time, writer.
    `promised` are those that rows are thought to fill before one was met.
    """

    def __init__(self, *, words: Collection[str], telling: Collection[str], promised: Collection[str]) -> None:
        self._words = words
        self._telling = telling
        self._promised = promised
        self._rows = 0
        self._filled: Counter[str] = Counter()

    def met(self, cells: Mapping[str, Any]) -> None:
        """Counts what a person's row fills."""
        self._rows += 1
        self._filled.update(name for name, value in cells.items() if value not in (None, ""))

    def missing_in(self, cells: Mapping[str, Any]) -> str:
        """Names a column that rows fill and this one, which is about the table, does not; "" for any other row."""
        telling = {_said(cells[name]) for name in self._telling if name in cells}
        labelled = not telling.isdisjoint(_OF_TABLE | {_Says.SUM_OF_GROUP})  # 合计 is no id: a date is the table's too
        if not labelled and not telling.isdisjoint(_OF_A_PERSON):
            return ""  # nearly every row
        said = dict(zip(cells, _all_said(cells.values()), strict=True))
        if any(said.get(name) in _NEVER_OF_TABLE for name in self._telling):
            return ""
        if not self._is_about_table(said, dated=labelled):
            return ""
        lacking = (name for name in self._usual(said) if said.get(name, _Says.NOTHING) in _LACKING)
        return next(lacking, "")

    def _is_about_table(self, said: Mapping[str, _Says], *, dated: bool) -> bool:
        allowed = _BESIDE | ({_Says.DATE} if dated else set())
        if _Says.SUM in said.values():  # its group may stand beside it, in a column that is none of the words
            return all(says in allowed for name, says in said.items() if name in self._words)
        return _hold_together(said.values(), allowed)

    def _usual(self, said: Mapping[str, _Says]) -> Iterator[str]:
        """Yields the columns that most rows fill: those that tell a row first. An id or a time is no 合计 anywhere."""
        yield from (name for name in self._promised if said.get(name) in _LACKING - {_Says.NOTHING})
        if not self._rows:
            yield from self._promised
            return
        for name in [*self._telling, *self._filled]:
            if name not in self._words and self._filled[name] > _MOST * self._rows:
                yield name


def speaks_of_the_table(values: Iterable[Any]) -> bool:
    """Tells whether cells that no names stand above say sums or notes and nothing else."""
    return _hold_together(list(_all_said(values)), _BESIDE)


def _hold_together(said: Collection[_Says], allowed: Collection[_Says]) -> bool:
    """Tells whether cells are a sum or a note and what belongs to it."""
    group = _Says.SUM_OF_GROUP in said and _Says.FIGURE in said
    return all(says in allowed or (group and says is _Says.SUM_OF_GROUP) for says in said) and (
        group or not _OF_TABLE.isdisjoint(said)
    )


def _all_said(values: Iterable[Any]) -> Iterator[_Says]:
    before = _Says.NOTHING
    for value in values:
        says = _said(value)
        if before is _Says.ASKED and says not in _OF_TABLE | {_Says.NOTHING}:
            says = _Says.ANSWER if says is _Says.DATE or _ANSWER.fullmatch(words_of(value)) else says
        before = before if says is _Says.NOTHING else says
        yield says


def _said(value: Any) -> _Says:
    if isinstance(value, date):
        return _Says.DATE
    if isinstance(value, Mapping | list):
        return _Says.OTHER
    words = words_of(value)
    if words.lower() in SAYS_NONE or not any(map(str.isalnum, words)):  # a dash fills what is empty
        return _Says.NOTHING
    if len(words) > _LONGEST:
        return _Says.OTHER
    told = " ".join(normalize("NFKC", words).lower().translate(_SIMPLIFIED).split()).rstrip(".。")
    bare = told.replace(" ", "")
    return next((says for says, spaced, form in _FORMS if form.fullmatch(told if spaced else bare)), _Says.OTHER)
