"""The digest: one bulletin in place of letters that were held. Each of their demands is named in it. Pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.notify.channel import Medium
from alerts.notify.contents.bulletin import Bulletin, Section
from alerts.notify.contents.notice import Colour, Notice
from alerts.notify.contents.phrases import local
from alerts.notify.holding.decision import Cause
from alerts.notify.holding.silences import Silence
from alerts.notify.routing import Route
from alerts.people.directory import Person

LINE = 90  # characters that a demand takes in a medium with a limit
CAUSES = {
    Cause.QUIET: "免打扰时段内暂缓",
    Cause.INHIBITED: "因有更高等级事件暂缓",
    Cause.STORM: "短时间内通知过多，合并告知",
}
STEP = "digest"


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter that was held: its name, why, and what it says; None where it cannot be read any more."""

    name: str
    why: str
    case_id: int | None
    notice: Notice | None

    @property
    def rank(self) -> tuple[int, datetime | None, str]:
        """The gravest first, then what is due first."""
        if self.notice is None:
            return len(Colour), None, self.name
        return list(Colour).index(self.notice.colour), self.notice.demand.due_at, self.name


def portions(kept: Sequence[Kept], routes: Sequence[Route]) -> list[list[Kept]]:
    """Divides letters so that every demand has room in each medium; mail takes them all."""
    limits = [route.form.limit // LINE - 3 for route in routes if route.form.medium is not Medium.MAIL]
    size = max(1, min(limits, default=len(kept) or 1))
    return [list(kept[start : start + size]) for start in range(0, len(kept), size)]


def ranked(kept: Sequence[Kept]) -> list[Kept]:
    """Puts the gravest first."""
    return sorted(kept, key=lambda one: (one.rank[0], str(one.rank[1]), one.rank[2]))


def digest(
    kept: Sequence[Kept], person: Person, organisation: str, host: str, silences: Mapping[str, Silence], at: datetime
) -> Bulletin:
    """Composes the bulletin that stands for these letters, the gravest first. The same letters give the same name."""
    known = ranked(kept)
    names = "\n".join([person.known_as, *sorted(one.name for one in known)])
    graver = next((one.notice.colour for one in known if one.notice), Colour.BLUE)
    topics = Counter(one.notice.topic for one in known if one.notice)
    demands = [one for one in known if one.notice]
    first = demands[0].notice if demands else None
    due = min((one.notice.demand.due_at for one in demands if one.notice), default=None)
    subject = f"【汇总】{len(known)} 封通知" + (f"，最近时限 {local(due)}" if due else "")
    headline = f"截至 {local(at)}，有 {len(known)} 封通知未单独发送，各事项办理时限不变，请按轻重办理。"
    return Bulletin(
        id=f"digest.{hashlib.sha256(names.encode()).hexdigest()[:24]}@{host}",
        at=at,
        organisation=first.organisation if first else organisation,
        person=person.name,
        subject=subject,
        headline=headline,
        sections=(
            Section("暂缓原因", tuple(_causes(known, silences))),
            Section("请您办理（由重到轻）", tuple(_line(one, at) for one in known)),
            Section("按话题", tuple(f"{topic}：{count} 封" for topic, count in topics.most_common())),
        ),
        colour=graver,
    )


def cause_words(why: str, silences: Mapping[str, Silence]) -> str:
    """Says in words why a letter was held."""
    silence = silences.get(why)
    if silence is not None:
        return f"话题静默（{silence.by}，事由：{silence.reason}）至 {local(silence.until)}"
    return CAUSES[Cause(why)] if why in set(Cause) else why


def _causes(kept: Sequence[Kept], silences: Mapping[str, Silence]) -> list[str]:
    counts = Counter(cause_words(one.why, silences) for one in kept)
    return [f"{words}：{count} 封" for words, count in counts.most_common()]


def _line(one: Kept, at: datetime) -> str:
    if one.notice is None:
        return f"事件 {one.case_id}：通知内容无法读取，请查看该事件"
    notice, demand = one.notice, one.notice.demand
    late = "（已过时限）" if demand.due_at <= at else ""
    return f"[{notice.grade}] 事件 {notice.case}「{notice.topic}」：{demand.step}，时限 {local(demand.due_at)}{late}"
