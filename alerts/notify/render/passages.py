"""What a letter says, passage by passage, in the words of every medium. Pure; empty where there is nothing to say."""

from collections.abc import Iterator
from datetime import datetime

from alerts.notify.contents.notice import Demand, Figures, Notice, SourceLine
from alerts.notify.contents.phrases import (
    address,
    answering,
    bars,
    deadline,
    done_by_mail,
    local,
    matter,
    moment,
    usual,
)
from alerts.notify.contents.quotes import Quote
from alerts.notify.contents.situation import Deed, Situation

INTERNAL = "内部资料，请勿外传"
QUOTED = "网民言论摘录（个人信息已隐去，未经核实）"
UNSEARCHED = "检索暂不可用，以下为此前统计的数据，请以系统内最新情况为准"
DRAFT = "快报参考（系统草拟，须经人工核改后使用）"
FIRST_USE = "首次使用，请先设置密码（链接 7 天内有效，请勿转发）"
MOST = 3  # claims told


def claimed(notice: Notice) -> str:
    """Says what is said, as a claim; after the verdict with the verdict."""
    if not notice.claim:
        return ""
    return f"{notice.truth}。网传：{notice.claim}" if notice.verdict else f"网传：{notice.claim}"


def truth(notice: Notice) -> str:
    """Says how true it is, where the claim's line does not."""
    if notice.verdict and notice.claim:
        return ""
    before = f"（重新立案前的核实结论：{notice.previous_verdict}）" if notice.previous_verdict else ""
    return notice.truth + before


def severity(notice: Notice) -> str:
    """Says in one line how bad it is now, and how it was in the last letter."""
    now, found = notice.situation, notice.figures
    if now is not None:
        return _hour(now, f"（上次来信 {now.before} 条）" if now.before is not None else "")
    if found is not None:
        return f"{found.window}负面信息 {found.negative} 条，往常同时段{_usual(found.expected)}条"
    return ""


def asked(notice: Notice) -> str:
    """Says who is asked for what by when."""
    demand = notice.demand
    if notice.copy:
        return f"本信抄送您知悉，由{demand.person}（{demand.desk}）办理：{wanted(notice)}"
    return f"{demand.person}（{demand.desk}），请您{wanted(notice)}"


def wanted(notice: Notice) -> str:
    """Says what is wanted by when."""
    return f"于{deadline(notice.demand.due_at, notice.at)}前完成：{notice.demand.step}"


def overdue(demand: Demand) -> str:
    """Says who is asked next."""
    return f"逾期无人办理，将转请：{demand.next_desk}" if demand.next_desk else ""


def answers(notice: Notice) -> tuple[str, ...]:
    """Says how it is done: by the link that signs, the console's page, or an answer to the letter."""
    if notice.copy:
        seen = f"查看事件：{notice.demand.link}" if notice.demand.link else ""
        return tuple(filter(None, (seen, welcoming(notice))))
    by_page = f"打开事件页面办理：{notice.demand.link}" if notice.demand.link else ""
    return tuple(filter(None, (*signing(notice), by_page, welcoming(notice), by_answer(notice))))


def signing(notice: Notice) -> tuple[str, ...]:
    """Says how the case is signed for without a login, and what is typed there."""
    if not notice.signing:
        return ()
    return (f"打开即可签收，无需登录：{notice.signing}", coded(notice))


def coded(notice: Notice) -> str:
    """Tells the digits that the page of the link asks for."""
    return f"回执四位码 {notice.digits}"


def welcoming(notice: Notice) -> str:
    """Says how somebody who has no password gets one."""
    return f"{FIRST_USE}：{notice.welcome}" if notice.welcome else ""


def by_answer(notice: Notice) -> str:
    """Says how the letter is answered; "" where nobody reads answers."""
    return answering(notice) if notice.reply_code else ""


def needs_commands(notice: Notice) -> bool:
    """Tells whether the command line is the only way left: an answer by mail does no more than the first step."""
    return not (notice.copy or notice.demand.link or (notice.reply_code and done_by_mail(notice)))


def counted(notice: Notice) -> tuple[str, ...]:
    """Tells the counts as of sending, since the last letter, and the most there were; else those of the alarm."""
    now, found = notice.situation, notice.figures
    lines = [UNSEARCHED] if notice.unsearched else []
    if now is not None:
        lines += _now(now)
    elif found is not None:
        lines += _then(found)
    if notice.danger and not notice.verdict:
        lines.append(notice.danger)
    return tuple(lines)


def since(now: Situation) -> str:
    """Says what the count was in the last letter and is now, and the most it was."""
    told = ""
    if now.before is not None and now.before_at is not None:
        told = f"较上次来信（{moment(now.before_at, now.at)}）：{now.before} 条→{now.negative} 条"
    most = ""
    if now.peak > now.negative and now.peak_at is not None:
        most = f"峰值 {now.peak} 条（{moment(now.peak_at, now.at)}）"
    return "；".join(filter(None, (told, most, now.outlook)))


def trend(now: Situation | None) -> tuple[str, ...]:
    """Draws the trend in characters, with its ends."""
    if now is None or len(now.bars) < 2:
        return ()
    drawn = bars([one.negative for one in now.bars])
    most = max(one.negative for one in now.bars)
    return (f"{moment(now.bars[0].start, now.at)} {drawn} {moment(now.at, now.at)}（单格最多 {most} 条）",)


def first(now: Situation | None) -> tuple[str, ...]:
    """Says where the wave's first post stands: time, site, board, title, address, what became of it."""
    found = now.first if now is not None else None
    if now is None or found is None:
        return ()
    place = " · ".join(filter(None, (local(found.at), found.source, found.board)))
    gone = (
        "（原帖已不公开）"
        if found.removed
        else f"（{moment(found.edited_at, now.at)} 已修改）"
        if found.edited_at
        else ""
    )
    title = f"《{found.title}》" if found.title else "（标题不再引述）" if found.removed else ""
    return tuple(filter(None, (place + gone, title, found.link or f"原文地址（未作链接）：{address(found.url)}")))


def spread(now: Situation | None) -> tuple[str, ...]:
    """Lists the platforms in order of first appearance, and what is said there in which words."""
    if now is None:
        return ()
    reached = (
        f"{one.source}：{moment(one.first_at, now.at)} 起，{one.posts} 条，其中负面 {one.negative} 条"
        for one in now.spread
    )
    return (*reached, *changed(now))


def changed(now: Situation) -> Iterator[str]:
    """Says that posts were edited or taken back since."""
    if now.edited:
        yield f"已有 {now.edited} 条负面信息被发布者修改"
    if now.removed:
        yield f"已有 {now.removed} 条负面信息已不再公开"


def said(now: Situation | None) -> tuple[str, ...]:
    """Lists what is said, the commonest first."""
    if now is None:
        return ()
    return tuple(
        f"{one.text}（{one.posts} 条，{one.authors} 人，{moment(one.first_at, now.at)} 起）" for one in now.said[:MOST]
    )


def deeds(notice: Notice) -> tuple[str, ...]:
    """Lists who did what when, with what was noted."""
    return tuple(_deed(one, notice.at) for one in notice.deeds)


def library(notice: Notice) -> tuple[str, ...]:
    """Tells what the claims library has, and that a person must compare it where it is not sure."""
    found = notice.answered
    if found is None:
        return ()
    doubt = "" if found.sure else "（疑似，请人工比对）"
    return (f"此前已核实{doubt}：{found.claim}——{found.verdict}", f"已有口径：{found.statement}")


def quotes(notice: Notice) -> tuple[str, ...]:
    """Quotes posts, each with where and when; or says that none are."""
    if notice.withheld:
        return ("（本信不附帖文摘录）",)
    return tuple(_quote(one, notice.at) for one in notice.quotes)


def informed(notice: Notice) -> tuple[str, ...]:
    """Says who else was told, now and before."""
    now = f"本信同时送：{'、'.join(notice.informed)}" if notice.informed else ""
    before = f"此前已送：{'、'.join(notice.informed_before)}" if notice.informed_before else ""
    return tuple(filter(None, (now, before)))


def sources(notice: Notice) -> tuple[str, ...]:
    """Says when each source last answered."""
    return tuple(_source(one, notice.at) for one in notice.sources)


def signed(notice: Notice) -> str:
    """Says whose letter it is, when it was made, and that it is not to leave the house."""
    return f"{INTERNAL}。{notice.organisation} · 系统自动生成于{local(notice.at)}（北京时间）"


def numbered(notice: Notice) -> str:
    """Gives the letter its number as a report of the house: one series a year, the case's number."""
    return f"舆情快报〔{notice.at.year}〕第{notice.case}期"


def _now(now: Situation) -> Iterator[str]:
    yield f"截至{local(now.at)}：{_hour(now)}，涉及发帖人 {now.authors} 人"
    if now.total:
        yield f"同期发帖 {now.total} 条，负面占比 {now.negative / now.total:.0%}"
    if words := since(now):
        yield words


def _hour(now: Situation, before: str = "") -> str:
    return f"近 1 小时负面信息 {now.negative} 条{before}，往常同时段{_usual(now.expected)}条"


def _then(found: Figures) -> Iterator[str]:
    began = f"{local(found.since)}起异常；" if found.rising else ""
    yield f"{began}截至{local(found.at)}"
    yield f"{found.window}负面信息 {found.negative} 条，往常同时段{_usual(found.expected)}条"
    yield f"去重折算 {found.effective:.0f} 条，涉及发帖人 {found.authors} 人，非转贴 {found.texts} 条"
    yield f"同期发帖 {found.total} 条，负面占比 {found.share:.0%}（平时约 {found.usual_share:.0%}）"


def _usual(expected: float) -> str:
    return f"约 {usual(expected)} " if expected >= 1 else f"{usual(expected)} "


def _deed(one: Deed, at: datetime) -> str:
    return f"{moment(one.at, at)} {one.by} {one.what}" + (f"：{one.note}" if one.note else "")


def _source(one: SourceLine, at: datetime) -> str:
    heard = f"最近采集成功 {moment(one.last_success, at)}" if one.last_success else "尚未采集成功"
    return f"{one.source}：{heard}" + ("（已超时）" if one.overdue else "")


def _quote(one: Quote, at: datetime) -> str:
    words = one.text if one.text is not None else "（原帖删除已超过 24 小时，不再引述）"
    return f"{words} —— {one.site}，{moment(one.at, at)}，{address(one.url)}"


def titled(notice: Notice) -> str:
    """Names the matter for the letter's head."""
    return matter(notice.topic)
