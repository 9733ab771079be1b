"""The kinds of trouble: what each is called, how grave it is, and how long it must last before anybody is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alerts.detection.grades import Grade

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Kind(StrEnum):
    """What is wrong; it stands in databases and in alerts.yml."""

    BLOCKED = "blocked"  # the site says no
    EXPIRED = "expired"  # a login or token does not serve any more
    FAILED = "failed"  # its crawls fail, and the last success is older than two of its rhythms
    SILENT = "silent"  # nobody crawls it, or it is handed in no more
    PARTIAL = "partial"  # some pages of each crawl fail
    THIN = "thin"  # far less is read than usual: the layout changed, or a wall went up
    CHANGED = "changed"  # the site answers and is not understood
    INCOMPLETE = "incomplete"  # boards that were read are not there any more
    STALE = "stale"  # it is read, and nothing new comes for longer than is usual of it
    EXPIRING = "expiring"  # a token ends soon
    UNREAD = "unread"  # configured, and never read
    NETWORK = "network"  # many sources at once
    BLIND = "blind"  # a topic of which no source answers
    STAGE = "stage"  # a program that ran and does not get on
    BEHIND = "behind"  # posts wait to be scored and indexed
    LOG = "log"  # nobody can tell how far the pipeline is
    QUARANTINE = "quarantine"  # records that could not be processed pile up
    LETTERS = "letters"  # letters wait or were refused
    DISK = "disk"
    HISTORY = "history"  # a case's record was changed


@dataclass(frozen=True, slots=True)
class Row:
    """A kind's name, what to do about it, its grade, and how long it must last."""

    name: str
    todo: str
    grade: Grade
    after: timedelta


_SOURCES = "在系统主机运行 python -m crawlers health 查看原因"
_STAGES = "在系统主机运行 python -m stream status 查看，并检查该程序的日志"

# Grades and spans are set by us, after RESPONSE.md 2 (15): a dead source is to be known within the hour, what blinds a
# topic or stops letters at once; alerts.yml may set others, with their source.
ROWS: Mapping[Kind, Row] = {
    Kind.BLOCKED: Row(
        "信息源拒绝访问",
        f"请与该网站核对是否仍允许采集；{_SOURCES}。未经许可不得绕过限制",
        Grade.BLUE,
        30 * MINUTE,
    ),
    Kind.EXPIRED: Row("信息源登录凭据失效", f"请更新该信息源的登录凭据后重新采集；{_SOURCES}", Grade.BLUE, 10 * MINUTE),
    Kind.FAILED: Row("信息源连续读取失败", f"请检查该网站能否打开、网络是否通畅；{_SOURCES}", Grade.BLUE, 15 * MINUTE),
    Kind.SILENT: Row(
        "信息源到点未更新",
        f"请确认采集程序在运行，人工导入的请按期导入；{_SOURCES}",
        Grade.BLUE,
        15 * MINUTE,
    ),
    Kind.PARTIAL: Row("信息源部分页面读取失败", f"请检查页面是否改版或限速；{_SOURCES}", Grade.BLUE, 6 * HOUR),
    Kind.THIN: Row("信息源内容骤减", f"请打开该网站，核对页面是否改版或需要登录；{_SOURCES}", Grade.BLUE, 2 * HOUR),
    Kind.CHANGED: Row(
        "信息源页面无法识别",
        f"请打开该网站，核对页面是否改版、地址和软件类型是否正确；{_SOURCES}",
        Grade.BLUE,
        30 * MINUTE,
    ),
    Kind.INCOMPLETE: Row(
        "信息源内容不完整",
        f"请核对有关版块是否关闭、改名或改为会员可见，涉及的话题请人工查看；{_SOURCES}",
        Grade.BLUE,
        HOUR,
    ),
    Kind.STALE: Row("信息源长期无新内容", f"请打开该网站，核对是否停更或迁移；{_SOURCES}", Grade.BLUE, 6 * HOUR),
    Kind.EXPIRING: Row("信息源凭据即将到期", f"请在到期前更新该信息源的凭据；{_SOURCES}", Grade.BLUE, 10 * MINUTE),
    Kind.UNREAD: Row(
        "信息源从未读取",
        f"请采集一次该信息源，或在 crawlers.yml 中停用；{_SOURCES}",
        Grade.BLUE,
        24 * HOUR,
    ),
    Kind.NETWORK: Row(
        "多个信息源同时失联",
        "请先检查本机网络、代理和域名解析，再逐个检查信息源",
        Grade.ORANGE,
        10 * MINUTE,
    ),
    Kind.BLIND: Row(
        "话题失去监测",
        f"有关话题的负面信息目前看不到，请尽快恢复信息源；{_SOURCES}",
        Grade.ORANGE,
        10 * MINUTE,
    ),
    Kind.STAGE: Row("程序停止运转", f"请重新启动该程序；{_STAGES}", Grade.ORANGE, 10 * MINUTE),
    Kind.BEHIND: Row("帖文处理积压", _STAGES, Grade.ORANGE, 10 * MINUTE),
    Kind.LOG: Row("消息日志无法读取", f"请检查日志服务是否在运行；{_STAGES}", Grade.ORANGE, 10 * MINUTE),
    Kind.QUARANTINE: Row(
        "隔离区积压",
        "请运行 python -m stream quarantine list 查看原因，排除后运行 python -m stream quarantine replay 重新处理",
        Grade.BLUE,
        10 * MINUTE,
    ),
    Kind.LETTERS: Row(
        "通知发送受阻",
        "请检查邮件服务器与第二通道；运行 python -m alerts outbox list 查看，恢复前请电话通知有关岗位",
        Grade.RED,
        timedelta(0),
    ),
    Kind.DISK: Row("磁盘空间将满", "请清理磁盘或扩容；空间用尽后所有程序都会停止", Grade.ORANGE, 10 * MINUTE),
    Kind.HISTORY: Row(
        "处置记录被改动",
        "请运行 python -m alerts check 查看，保留现场，报单位信息安全负责人",
        Grade.RED,
        timedelta(0),
    ),
}  # fmt: skip


def incident_name(key: str) -> str:
    """Names an incident by its key, `kind:thing`, as staff read it; the key itself for a kind of another version."""
    kind, _, thing = key.partition(":")
    if kind not in set(Kind):
        return f"系统故障：{key}"
    name = ROWS[Kind(kind)].name
    if kind == Kind.BLIND:  # its thing is the first of several topics, by its key: the letter names all of them
        return f"系统故障：{name}"
    return f"系统故障：{name}" if thing in ("", "all") else f"系统故障：{name}（{thing}）"
