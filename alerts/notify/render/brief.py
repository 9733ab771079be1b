"""The few words that are sent where the full form of a notice could not be made."""

from alerts.notify.notice import Notice
from alerts.notify.phrases import local, usual


def brief(notice: Notice) -> str:
    """Says what happened, how bad, who must do what by when, and that the full form failed; no post text."""
    found, demand = notice.figures, notice.demand
    return (
        f"{notice.headline}\n\n"
        f"事件 {notice.case}，话题「{notice.topic}」，等级：{notice.grade}\n"
        f"{f'自 {local(found.since)} 起，' if found.rising else ''}{found.window}负面 {found.negative} 条"
        f"（常态 {usual(found.expected)}），{found.authors} 个不同的人。\n"
        f"{notice.danger}\n"
        f"请 {demand.desk} 在 {local(demand.due_at)} 前完成：{demand.step}\n"
        + "".join(f"{command.name}：{command.line}\n" for command in demand.commands)
        + "\n本信为简版：正常版式生成失败，未附帖文摘录，请在检索页面查看原文，并通知系统管理员。\n"
    )
