"""The crawlers' words for what keeps a source from being read, as staff read them in a letter."""

import re
from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "captcha": "要求输入验证码",
    "challenge": "要求浏览器验证",
    "waf": "被网站防火墙拦截",
    "waf_script": "被网站防火墙脚本拦截",
    "cookie_gate": "要求启用 Cookie",
    "barred": "采集程序被网站禁止",
    "login": "要求登录",
    "site_closed": "网站已关闭或维护中",
    "flood_guard": "被网站防刷机制拦截",
    "permission": "没有浏览权限",
    "closed": "网站已关闭",
    "robots_forbid": "网站 robots.txt 不允许采集",
    "robots_unreachable": "读不到网站的 robots.txt",
    "dns": "域名无法解析",
    "port_refused": "网站端口拒绝连接",
    "no_route": "网络不通",
    "timeout": "连接超时",
    "tls": "加密证书无效或握手失败",
    "cut_off": "网页传输中断",
    "connection_lost": "连接中断",
    "too_large": "网页过大",
    "redirects": "循环跳转",
    "address_refused": "跳转到其他网站",
    "layout": "页面结构无法识别",
    "not_a_feed": "不是订阅源",
    "empty": "空白页面",
    "stopped": "采集被中止",
    "time_not_understood": "时间无法识别",
    "unreadable": "文字是乱码",
    "id_twice": "编号相同而内容不同",
    "id_cut_short": "编号被表格软件截断",
    "does_not_fit": "列数与表头不符",
    "header_again": "表头重复出现",
    "totals_or_note": "合计行或表尾说明",
    "stray_quote": "引号不成对",
    "sheet_not_read": "工作表未读取",
    "formula_without_result": "公式没有结果",
    "unreadable_row": "有行无法读取",
    "unreadable_file": "文件无法读取",
    "unknown_format": "文件格式不支持",
    "no_such_column": "文件缺少配置的列",
    "no_text_column": "找不到正文列",
    "which_columns": "无法确定哪一列是正文",
    "unread_files_in_failed": "failed 文件夹中有未处理的文件",
    "unreadable_mail": "邮件无法读取",
    "words_not_read": "邮件正文的格式无法读取",
    "text_cut_short": "长文只有开头",
    "long text shown cut": "长微博只有开头",
    "the secret of customer service is refused: renew service_secret": "微信客服 Secret 失效，请重新配置",
    "customer service refuses this machine's address: enter it as a trusted one": "本机地址不在企业微信可信 IP 中",
    "the secret may not read customer service: give that of its own page": "所用 Secret 没有微信客服权限",
    "customer service, which needs service_secret": "微信客服消息（尚未配置 Secret）",
    "a fault of ours: the log has it": "采集程序出错，详见日志",
    "the index shows no boards": "首页没有版块",
    "board address": "版块地址",
    "thread address": "帖子地址",
}
#: What was counted with where it was met first: words of a site or a file, which stay as they are.
_EXAMPLE = re.compile(
    r"(?P<count>\d+) × (?P<reason>\w+) \((?P<example>(?:[^()]|\([^()]*\))*)\)"
    r"|(?P<unknown>\d+) not understood: (?P<what>[^;]+?), as (?P<seen>[^,;]+)"
)
#: Where a row lies that is odd: what is odd about it is told by the reason.
_PLACE = re.compile(r"(?:(?P<detail>.*?), )?(?:line (?P<line>\d+)(?: of sheet (?P<sheet>.+))?|sheet (?P<alone>.+))")
#: What the crawlers themselves say in an example.
_PHRASES = {
    ": look into the mailbox": "，请到邮箱中查看",
    "words without a date": "没有日期的文字",
    ": open it and save it as XLSX": "，请打开后另存为 .xlsx",
    "a workbook of Excel before 2007": "Excel 97-2003 工作簿",
    "an OpenDocument sheet": "OpenDocument 表格",
    "a sheet of WPS": "WPS 表格",
    "a sheet of Numbers": "Numbers 表格",
    "a binary workbook of Excel": "Excel 二进制工作簿",
    "an XML spreadsheet of 2003": "XML 电子表格 2003",
    "locked by a password: save it without one": "设有密码，请去除密码后另存",
    "(save other formats as XLSX or CSV)": "（其他格式请另存为 .xlsx 或 .csv）",
    ": give one of ": "，可读取的格式为 ",
}
_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, WORDS))})(?!\w)")
#: Turns of phrase around the words.
_TURNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*\((?:at|leads to) ([^()\s]+)\)"), r"（\1）"),
    (re.compile(r"(?<!\w)http_(\d{3})(?!\w)"), r"网站返回 \1"),
    (re.compile(r"(?<!\w)this is ([^;]+)"), r"该网站使用 \1"),
    (re.compile(r"(?<!\w)gone: "), "缺少版块："),
    (re.compile(r"(\d+) pages read by the mobile view"), r"\1 页改读手机版"),
    (re.compile(r"(\d+) pages read by the archiver view"), r"\1 页改读文字版"),
    (re.compile(r"(\d+) not understood: "), r"\1 处无法识别："),
    (re.compile(r"(\d+) × ([^,;]+)"), r"\2 \1 次"),
    (re.compile(r"; "), "；"),
    (re.compile(r", "), "、"),
)


def in_chinese(reason: str) -> str:
    """Writes a source's reason for staff; what it has no word for stays as it is."""
    told, end = "", 0
    for found in _EXAMPLE.finditer(reason):
        told += _turned(reason[end : found.start()]) + _with_example(found)
        end = found.end()
    return told + _turned(reason[end:])


def _with_example(found: re.Match[str]) -> str:
    if found["count"]:
        return f"{_turned(found['reason'])} {found['count']} 次（如 {_placed(found['example'], found['reason'])}）"
    return f"{found['unknown']} 处无法识别：{_turned(found['what'])}（如 {found['seen']}）"


def _placed(example: str, reason: str) -> str:
    place = _PLACE.fullmatch(example)
    if place is None:
        return _phrased(example)
    words = f"{_phrased(place['detail'])}，" if reason == "time_not_understood" else ""
    sheet = place["sheet"] or place["alone"]
    return words + (f"工作表「{sheet}」" if sheet else "") + (f"第 {place['line']} 行" if place["line"] else "")


def _phrased(example: str) -> str:
    for words, said in _PHRASES.items():
        example = example.replace(words, said)
    return example


def _turned(words: str) -> str:
    told = _WORD.sub(lambda found: WORDS[found[0]], words)
    for turn, said in _TURNS:
        told = turn.sub(said, told)
    return told
