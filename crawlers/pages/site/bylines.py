"""Who wrote an article, as its page tells among its words: names of people, which are not kept; and a page's buttons.

A line goes only if it is nothing else: `记者 昨天在现场看到…` is a paragraph. Within a paragraph go brackets that hold
nothing else, and what stands behind its last sentence.
"""

import re

DATE = r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
_LABELLED = re.compile(
    rf"[\[（(【]?\s*(?:{DATE}\s*)?(?:来源|稿源|作者|编辑|责任编辑|责编|校对|审核|记者|通讯员|更新时间|发布时间|发布日期|日期"
    rf"|时间|浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:次数|量)?|字号|字体|分享)\s*[:：].{{0,90}}|{DATE}"
)
_LONGEST = 80  # characters of a line of names
_NAME = r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,6})?"
_NAMES = rf"{_NAME}(?:[\s、，,/]+{_NAME}){{0,8}}(?:\s*(?:文/图|图/文|摄影报道|报道|摄影?))?"
_REPORTER = r"[\u4e00-\u9fff]{0,10}?(?:记者|通讯员|实习生)"
_ROLE = rf"(?:{_REPORTER}|作者|撰[稿文]|供稿|摄影|制图|编辑|责任编辑|责编|校对|审[核校]|[初复终一二三]审|监制|来源)"
_PICTURES = r"[文图](?:\s*[/、]\s*[文图])?(?=\s*[/|｜])"
_CREDITS = re.compile(
    rf"(?:(?:{_ROLE}|{_PICTURES})[\s/|｜:：]+{_NAMES}[\s;；、]*){{1,6}}|(?:本[报网台刊]|新华社){_REPORTER}{_NAMES}"
)
_IN_BRACKETS = re.compile(rf"(?:{_REPORTER}\s*{_NAMES}[\s;；、]*){{1,6}}|{_CREDITS.pattern}")
_BRACKETS = re.compile(r"[（(【\[]([^（）()【】\[\]]{4,60})[）)】\]]")
_BEHIND = re.compile(r"(?<=[。！？])\s*([^。！？]{4,40})$")
# What the buttons of a page say, which are text to whoever reads it.
_BUTTONS = re.compile(
    r"(?=.*[\u4e00-\u9fff])(?:[\s\d【】\[\]()（）|/·…<>«»:：]|上一[页篇]|下一[页篇]|[首尾末]页|打印(?:本页)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表)?|收藏|分享到?"
    r"|扫一扫|在手机(?:上)?(?:打开|查看|浏览)(?:当前|本)页面?)*"
)


def without_bylines(line: str) -> str:
    """Takes out of a line what names who wrote it; "" where it says nothing else."""
    if _LABELLED.fullmatch(line) or _BUTTONS.fullmatch(line):
        return ""
    if len(line) <= _LONGEST and _CREDITS.fullmatch(line):
        return ""
    line = _BRACKETS.sub(lambda found: "" if _IN_BRACKETS.fullmatch(found[1].strip()) else found[0], line)
    return _BEHIND.sub(lambda found: "" if _CREDITS.fullmatch(found[1]) else found[0], line).strip()
