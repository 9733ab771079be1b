"""What came of a crawl beside what a guest can read: pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from scripts.live.changes import Wanted
from stream.messages import MAX_TEXT, Kind, Post, post_id

_TYPOGRAPHY = str.maketrans({**dict.fromkeys("“”„″", '"'), **dict.fromkeys("‘’‚′", "'"), "–": "-", "—": "-", "×": "x"})
_DASHES = re.compile(r"-+")
_WHOLE = MAX_TEXT - 100  # characters of a text that was cut: line breaks may have taken some
_OPENINGS = frozenset([Kind.THREAD, Kind.ARTICLE])


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a site was sent, and HTTP's status of its answer."""

    path: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One crawl's task: `wanted` by native id, what was `edited` and is `gone` since the first crawl, by native id.

    `touched` is whatever may be sent again: also the opening post of a thread that got or lost an answer, for its
    counter. `settled` is whether everything must have been noticed: edits leave no mark on a list, and a forum's
    threads are read again when they are due.
    """

    site: str
    crawl: str
    wanted: Mapping[str, Wanted]
    natives: Mapping[str, str]
    edited: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    settled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a crawl did. Shares are of one; `faults` are examples, empty where all is well.

    `again` counts posts that were sent though nothing of them changed, or twice in one crawl; `twice` counts pages that
    were asked for more than once.
    """

    site: str
    crawl: str
    recall: float
    precision: float
    times: float
    texts: float
    places: float
    edits: str
    gone: str
    wrongly_gone: int
    again: int
    pages: int
    twice: int
    faults: tuple[str, ...]


def folded(text: str) -> str:
    """Takes a text for what was written: white space and the site's typography aside."""
    plain = normalize("NFC", text).replace("…", "...").translate(_TYPOGRAPHY)
    return _DASHES.sub("-", " ".join(plain.split()))


def same_text(found: Post, wanted: str) -> bool:
    """Tells whether a post says what was written, as far as it goes."""
    told, meant = folded(found.text), folded(wanted)
    if found.truncated:
        return len(found.text) >= _WHOLE and meant.startswith(told)
    return told == meant


def judge(stage: Stage, known: Mapping[str, Post], sent: Sequence[Post], asked: Iterable[Asked]) -> Verdict:
    """Judges a crawl by the last that is `known` of each post, by native id, what was `sent` of it, and `asked`."""
    living = {native: post for native, post in known.items() if post.deleted_at is None}
    outstanding = frozenset() if stage.settled else stage.gone
    found = {native: post for native, post in living.items() if native in stage.wanted}
    strange = living.keys() - stage.wanted.keys() - outstanding
    lost = stage.wanted.keys() - living.keys()
    open_edits = frozenset() if stage.settled else stage.edited
    texts = [native for native, post in found.items() if not same_text(post, stage.wanted[native].text)]
    wrong_texts = [native for native in texts if native not in open_edits]
    wrong_times = [native for native, post in found.items() if post.published_at != stage.wanted[native].at]
    misplaced = [
        f"{native}: {fault}"
        for native, post in found.items()
        for fault in _misplaced(native, post, stage, openings=stage.settled)
    ]
    noticed = [native for native in stage.edited if native in found and native not in texts]
    withdrawn = {native for native in stage.gone if native in known and native not in living}
    wrongly = [native for native, post in known.items() if post.deleted_at is not None and native in stage.wanted]
    again = _needless(stage, sent)
    paths = Counter(one.path for one in asked)
    repeated = sorted(path for path, count in paths.items() if count > 1)
    faults = {
        "not found": sorted(lost),
        "not for guests": sorted(strange),
        "time": wrong_times,
        "text": [_difference(native, found[native], stage.wanted[native].text) for native in wrong_texts],
        "place": misplaced,
        "edit not noticed": sorted(stage.edited - {*noticed}) if stage.settled else [],
        "still there": sorted(stage.gone - withdrawn) if stage.settled else [],
        "taken for gone": wrongly,
        "sent again": again,
        "asked twice": repeated,
    }
    return Verdict(
        site=stage.site,
        crawl=stage.crawl,
        recall=_share(len(stage.wanted) - len(lost), len(stage.wanted)),
        precision=_share(len(living) - len(strange), len(living)),
        times=_share(len(found) - len(wrong_times), len(found)),
        texts=_share(len(found) - len(wrong_texts), len(found)),
        places=_share(len(found) - len({one.partition(": ")[0] for one in misplaced}), len(found)),
        edits=f"{len(noticed)}/{len(stage.edited)}",
        gone=f"{len(withdrawn)}/{len(stage.gone)}",
        wrongly_gone=len(wrongly),
        again=len(again),
        pages=sum(paths.values()),
        twice=len(repeated),
        faults=tuple(f"{what}, {len(which)}: {', '.join(which[:5])}" for what, which in faults.items() if which),
    )


def _difference(native: str, found: Post, wanted: str) -> str:
    """Shows where a text begins to differ from what was written."""
    told, meant = folded(found.text), folded(wanted)
    at = next(
        (place for place, (one, two) in enumerate(zip(told, meant, strict=False)) if one != two),
        min(len(told), len(meant)),
    )
    here = slice(max(0, at - 5), at + 15)
    return f"{native}: {told[here]!r} for {meant[here]!r}"


def _misplaced(native: str, post: Post, stage: Stage, *, openings: bool) -> Iterable[str]:
    """Names what is wrong about where a post stands; a board or title that was changed may be `openings` of later."""
    wanted = stage.wanted[native]
    if post.thread_id != post_id(post.site, stage.natives[wanted.thread]):
        yield "thread"
    parent = stage.natives.get(wanted.parent) if wanted.parent else None
    if post.parent_id != (post_id(post.site, parent) if parent else None):
        yield "parent"
    if post.kind in _OPENINGS and (openings or native not in stage.touched):
        if post.board != wanted.board:
            yield f"board {post.board}"
        if folded(post.title) != folded(wanted.title):
            yield f"title {post.title}"


def _needless(stage: Stage, sent: Sequence[Post]) -> list[str]:
    """Finds what was sent twice in one crawl, or sent though nothing was done to it."""
    times = Counter(post.native_id for post in sent)
    more = [native for native, count in times.items() if count > 1]
    if not stage.touched:
        return sorted(more)
    needless = (post.native_id for post in sent if post.native_id not in stage.touched)
    return sorted({*more, *needless})


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def named(numbers: Mapping[str, int], openings: Collection[str], *, opening: str, reply: str) -> dict[str, str]:
    """Names posts as a crawler does: by key, from the numbers that the site gave them."""
    return {
        key: f"{opening if key in openings else reply}:{number}" for key, number in numbers.items() if ":" not in key
    }
