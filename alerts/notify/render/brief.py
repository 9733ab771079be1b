"""The few words that are sent where the full form of a letter could not be made."""

from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.phrases import answering
from alerts.notify.render.passages import asked, needs_commands, severity, signing, welcoming
from alerts.notify.render.subject import about

BRIEF = "本信为简版"
FAILED = f"{BRIEF}：正常版式生成失败，未附网民言论摘录，请在检索页面查看原文，并通知系统管理员。"


def brief(letter: Letter) -> str:
    """Says what happened, how bad, who must do what by when, and that the full form failed; no post text."""
    if isinstance(letter, Bulletin):
        return f"{letter.headline}\n\n{FAILED}\n"
    commands = letter.demand.commands if needs_commands(letter) else ()
    lines = [
        letter.headline,
        "",
        about(letter),
        severity(letter),
        letter.danger,
        asked(letter),
        *signing(letter),
        letter.demand.link,
        welcoming(letter),
        answering(letter) if letter.reply_code else "",
        *(f"{command.name}：{command.line}" for command in commands),
    ]
    return "\n".join([lines[0], "", *filter(None, lines[1:]), "", FAILED, ""])
