"""`case show`: a case told in lines of 80 columns."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from alerts.casefile.story import numbers, reasons
from alerts.casefile.wave.known import known_line
from alerts.casefile.wording import fired_lines, unverified
from alerts.cli.cases.lines import paper_lines, standing_lines, verdict_word
from alerts.desk.cases import CaseDetails, HistoryEntry
from alerts.desk.telling import UNNAMED, KnownNames, added, explain_grade, who
from alerts.detection.grades import GRADE_NAMES
from alerts.incidents.troubles import Trouble
from alerts.notify.contents.phrases import local, usual
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES, event_name

WIDTH = 80  # columns; a Chinese character takes two
_NEVER_FIRST = "，。；：、！？）」』”’》］%…"


def detail_lines(details: CaseDetails, versions: Sequence[str] = (), names: KnownNames = UNNAMED) -> Iterator[str]:
    """Yields all there is to say of a case, a line each; `versions` are of what judged it."""
    for line in _told(details, versions, names):
        yield from fold(line)


def _told(details: CaseDetails, versions: Sequence[str], names: KnownNames) -> Iterator[str]:
    shown = details.case
    stage = STAGE_NAMES.get(shown.stage, shown.stage)
    verdict = "" if details.trouble else verdict_word(shown.verdict)
    yield f"事件 {shown.id}　话题「{details.topic}」　{GRADE_NAMES[shown.grade]}　{stage}　{verdict}".rstrip("　")
    yield from standing_lines(details)
    yield from trouble_lines(details.trouble) if details.trouble else _found(details)
    if details.snapshot is not None:
        yield f"等级：{GRADE_NAMES[shown.grade]}"
        yield from (f"  - {line}" for line in explain_grade(shown.grade, details.snapshot))
        yield from (f"  - {line}" for line in versions)
    yield "待办：" if details.tasks else "待办：无"
    for one in details.tasks:
        step = STEP_NAMES.get(one.task.step, one.task.step)
        yield f"  {step}：{one.desk}，时限 {local(one.task.due_at)}"
    yield from paper_lines(details)
    possible = (f"{ACTION_NAMES.get(action.key, action.key)} {action.key}" for action in details.actions)
    yield "可办：" + "、".join(possible)
    yield "经过："
    for entry in details.history:
        yield history_line(entry, names)
    intact = details.broken is None
    yield "记录完整，未被改动" if intact else f"警告：第 {details.broken} 条记录被改动过"


def _found(details: CaseDetails) -> Iterator[str]:
    """Yields what was found of a topic: counts, what made the case, what is known of the claim, scores."""
    snapshot = details.snapshot
    if snapshot is None:
        return
    signal, fired = snapshot.signal, snapshot.triggers
    yield (
        f"负面 {signal.negative}（常态 {usual(signal.expected)}），{signal.authors} 个发言者，截至 {local(signal.at)}"
    )
    told = (*filter(None, [unverified(details.claims)]), *fired_lines(fired), *reasons(snapshot))
    yield from (f"  - {line}" for line in told)
    if snapshot.known_claim is not None:
        yield f"  - {known_line(snapshot.known_claim)}"
    yield f"  数据：{'；'.join(numbers(signal))}"


def trouble_lines(trouble: Trouble) -> Iterator[str]:
    """Yields what is wrong with a part of ours, since when, and what to do about it."""
    yield trouble.what
    yield f"  - 自 {local(trouble.since)} 起"
    yield f"  - {trouble.todo}"


def history_line(entry: HistoryEntry, names: KnownNames = UNNAMED) -> str:
    """Says what happened or was done, when and by whom, and all that was recorded with it, parted by wide blanks."""
    columns = ["  " + local(entry.at), event_name(entry.kind), who(entry), *filter(None, [entry.note])]
    columns += [VERDICT_NAMES[entry.verdict]] if entry.verdict else []
    columns += [f"转入「{STAGE_NAMES.get(entry.stage, entry.stage)}」"] if entry.stage else []
    return "　".join([*columns, *added(entry, names)])


def fold(line: str, width: int = WIDTH) -> Iterator[str]:
    """Folds a line into lines of at most `width` columns: at wide blanks where that does, else between characters.

    What follows hangs four columns deeper; no line begins with a mark that ends a sentence.
    """
    hang = " " * (len(line) - len(line.lstrip(" ")) + 4)
    current = ""
    for piece in _pieces(line, width - len(hang) - 2):
        joined = current + piece
        if current and cell_len(joined.rstrip("　")) > width:
            yield current.rstrip("　 ")
            joined = hang + piece.lstrip("　 ")
        current = joined
    yield current.rstrip("　 ")


def _pieces(line: str, widest: int) -> Iterator[str]:
    """Cuts the line behind its wide blanks, and what is still too wide between characters."""
    parts = line.split("　")
    for at, part in enumerate(parts):
        blank = "　" if at < len(parts) - 1 else ""
        piece = part + blank
        while cell_len(piece) > widest:
            cut = _cut(piece, widest)
            yield piece[:cut]
            piece = piece[cut:]
        yield piece


def _cut(piece: str, widest: int) -> int:
    taken = 0
    for at, character in enumerate(piece):
        taken += cell_len(character)
        if taken > widest:
            while at > 1 and piece[at] in _NEVER_FIRST:
                at -= 1
            return max(1, at)
    return len(piece)
