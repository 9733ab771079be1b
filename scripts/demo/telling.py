"""What the demo says while it runs: one line per happening, with the scripted time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.text import Text

from alerts.casefile.wording import in_words
from alerts.claims.claim import Claim
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.detection.signals import Signal
from alerts.notify.outbox import Attempt, Outcome
from alerts.watch import Called
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.cases import ActRequest, Case, Correlation
from alerts.workflow.ladder import Due
from crawlers.health import Tally
from stream.process.clock import SHANGHAI, local_time

HAPPENINGS = {
    "crawled": ("抓取", "cyan"),
    "ordinary": ("如常", "bold green"),
    "watch": ("关注", "yellow"),
    "spike": ("异常", "bold red"),
    "case opened": ("立案", "bold red"),
    "rose": ("上升", "red"),
    "rekindled": ("复燃", "bold red"),
    "letter sent": ("发信", "blue"),
    "letter waits": ("待发", "yellow"),
    "nobody acts": ("无人处置", "bold yellow"),
    "escalated": ("升级", "bold yellow"),
    "acknowledged": ("确认", "magenta"),
    "judged": ("研判", "magenta"),
    "reported": ("上报", "magenta"),
    "verified": ("核实", "bold magenta"),
    "drafted": ("拟稿", "magenta"),
    "approved": ("审批", "magenta"),
    "refused": ("不予办理", "bold yellow"),
    "mail answer": ("邮件答复", "bold magenta"),
    "claim kept": ("辟谣库", "bold green"),
    "known claim": ("旧传言", "bold green"),
    "trouble": ("故障", "bold red"),
    "recovered": ("故障恢复", "bold green"),
    "taken": ("接手", "magenta"),
    "answered": ("回应", "bold magenta"),
    "planned": ("整改", "bold magenta"),
    "remedied": ("整改完成", "bold magenta"),
    "clarified": ("澄清", "bold magenta"),
    "guided": ("引导", "magenta"),
    "calm again": ("恢复平静", "bold green"),
    "tracked": ("跟踪", "magenta"),
    "closed": ("销号", "bold green"),
    "reviewed": ("复盘", "green"),
}
MEETINGS = {Correlation.OPENS: "spike", Correlation.ROSE: "rose", Correlation.REKINDLED: "rekindled"}
DEEDS = {
    "acknowledge": "acknowledged",
    "judge": "judged",
    "report": "reported",
    "verify": "verified",
    "draft": "drafted",
    "approve": "approved",
    "clarify": "clarified",
    "respond": "answered",
    "plan_remedy": "planned",
    "remedied": "remedied",
    "take": "taken",
    "guide": "guided",
    "track": "tracked",
    "close": "closed",
    "review": "reviewed",
}
COLUMNS = (13, 13, 9)  # time, English word, Chinese word


class Teller:
    """Prints happenings in order."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, at: datetime, happening: str, words: str) -> None:
        """One line: when, what, and the numbers."""
        chinese, style = HAPPENINGS[happening]
        line = Text(at.astimezone(SHANGHAI).strftime("%m-%d %H:%M  "), style="dim")
        line.append(f"{happening:<13}", style=style)
        line.append(chinese + " " * (COLUMNS[2] - 2 * len(chinese)), style=style)
        line.append(words)
        self._console.print(line, soft_wrap=True)

    def collected(self, at: datetime, crawled: Tally, *, scored: int, indexed: int) -> None:
        """What went through the pipeline in one round; nothing is said of a round without news."""
        what = (("new", crawled.new), ("changed", crawled.changed), ("gone", crawled.deleted))
        news = ", ".join(f"{number} {kind}" for kind, number in what if number)
        if news:
            self.say(at, "crawled", f"{news}; scored {scored}, indexed {indexed}")

    def spike(self, signal: Signal, topic: str, meeting: Correlation) -> None:
        """The numbers that made it one."""
        reasons = "；".join(in_words(finding) for finding in signal.findings)
        self.say(
            signal.at,
            MEETINGS[meeting],
            f"「{topic}」 {signal.negative} of {signal.total} posts in {_length(signal)} are negative (usually "
            f"{_usual(signal)}; the bar is {signal.bar:.0f}), {signal.effective:g} with copies discounted, "
            f"{signal.authors} authors; {reasons}",
        )

    def ordinary(self, at: datetime, signal: Signal, topic: str, day_before: int) -> None:
        """Says what could be taken for an outbreak, and why it was none; `day_before`: negatives of the same hour."""
        self.say(
            at,
            "ordinary",
            f"「{topic}」 in the {_length(signal)} before {local_time(signal.at, '%H:%M')}: {signal.negative} of "
            f"{signal.total} posts are negative, {day_before} the day before; no alarm, because Mondays are like it: "
            f"{_usual(signal)} are expected, and the bar is {signal.bar:.0f}",
        )

    def watched(self, signal: Signal, topic: str) -> None:
        """Something moves, not enough for a case."""
        reasons = "；".join(in_words(finding) for finding in signal.findings)
        self.say(signal.at, "watch", f"「{topic}」 {signal.negative} negative of {signal.total}; {reasons}")

    def calm(self, signal: Signal, topic: str) -> None:
        """The case's topic is quiet again."""
        self.say(signal.at, "calm again", f"「{topic}」 {signal.negative} negative of {signal.total} posts in 60 min")

    def opened(self, at: datetime, case_id: int, topic: str, grade: Grade) -> None:
        """A case begins."""
        self.say(at, "case opened", f"case {case_id} 「{topic}」, {GRADE_NAMES[grade]} ({grade})")

    def called(self, at: datetime, called: Sequence[Called], desks: dict[str, str]) -> None:
        """Reminders, and steps that went to the next desk."""
        for one in called:
            step = STEP_NAMES[one.step]
            if one.due is Due.WARN:
                self.say(at, "nobody acts", f"「{step}」 is nearly due: {desks[one.desk]} is reminded")
            else:
                self.say(at, "nobody acts", f"「{step}」 is overdue")
                self.say(at, "escalated", f"「{step}」 goes to {desks[one.desk]}")

    def letters(self, at: datetime, attempts: Sequence[Attempt], subjects: Mapping[str, str]) -> None:
        """Letters that went out, by their subjects, and what the mail server kept them as."""
        for one in attempts:
            happening = "letter sent" if one.outcome in (Outcome.SENT, Outcome.SECOND_CHANNEL) else "letter waits"
            told = subjects.get(one.message_id, one.message_id)
            self.say(at, happening, f"to {one.recipient}: {told} ({one.answer})")

    def answered(self, at: datetime, name: str, words: str, case: Case) -> None:
        """An answer to a letter, by mail, that did something to a case."""
        stage = STAGE_NAMES[case.stage]
        self.say(at, "mail answer", f"by {name}「{words}」: case {case.id} is acknowledged and stays at {stage}")

    def refused(self, at: datetime, deed: ActRequest, name: str, why: str) -> None:
        """What the program did not let somebody do."""
        self.say(at, "refused", f"{ACTION_NAMES[deed.action]} by {name}: {why}")

    def kept(self, at: datetime, name: str, claim: Claim) -> None:
        """A claim that will be known again."""
        verdict = VERDICT_NAMES[claim.verdict]
        self.say(at, "claim kept", f"by {name}: no. {claim.id}, {verdict}「{claim.claim}」, with what was answered")

    def known(self, at: datetime, claim: Claim) -> None:
        """A claim that is known: its first letter says what was found and answered before."""
        self.say(at, "known claim", f"no. {claim.id} again: the first letter brings the answer「{claim.statement}」")

    def trouble(self, at: datetime, case_id: int, name: str) -> None:
        """Something of ours is wrong."""
        self.say(at, "trouble", f"case {case_id} 「{name}」: its letter goes to the operators")

    def recovered(self, at: datetime, case_id: int, name: str) -> None:
        """It is well again."""
        self.say(at, "recovered", f"case {case_id} 「{name}」 is closed by itself")

    def did(self, at: datetime, deed: ActRequest, name: str, case: Case) -> None:
        """A person's act."""
        verdict = f"{VERDICT_NAMES[deed.verdict]}: " if deed.verdict else ""
        note = f"「{verdict}{deed.note}」" if deed.note else ""
        note += f" until {local_time(deed.until, '%m-%d %H:%M')}" if deed.until else ""
        self.say(at, DEEDS[deed.action], f"by {name}{note}; case {case.id} is now at {STAGE_NAMES[case.stage]}")


def _length(signal: Signal) -> str:
    minutes = ((signal.window_end or signal.at) - signal.window_start) / timedelta(minutes=1)
    return f"{minutes:.0f} min" if minutes < 24 * 60 else f"{minutes / 60:.0f} h"


def _usual(signal: Signal) -> str:
    return f"about {signal.expected:.0f}" if signal.expected >= 1 else "less than 1"
