"""What a pattern over folded texts spells as no folded text does: 停電, café, 220 kV, 停\\*电. Pure."""

from collections.abc import Iterator

import regex

from stream.spelling.folding import fold

_PART = regex.compile(
    r"""(?P<class>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])
    |(?P<group>\(\?(?:P?<\w+>|P[=>]\w*|&\w+|<?[=!]|\#[^)]*|[a-zA-Z0-9-]+[:)]|[>|:]))
    |(?P<set>\\(?:[pPN]\{[^}]*\}|x\w\w|u\w{4}|U\w{8}|[A-Za-z0-9]))
    |\\(?P<escaped>.)
    |(?P<many>(?:[*+?]|\{\d*,?\d*\})[+?]?)
    |(?P<edge>[().|^$])
    |(?P<letter>.)""",
    regex.VERBOSE | regex.DOTALL,
)
_SPACED_OUT = regex.compile(r"\(\?\w*x")  # white space and # of such a pattern are not looked for


def unfolded(pattern: str) -> Iterator[tuple[str, str]]:
    r"""Yields the runs of letters in a pattern that no folded text has, each with what texts have in its place.

    The pattern is a sound one. Sets, classes and what may be missing are passed over.

    >>> list(unfolded(r"停電.{0,3}天|停\*电"))
    [('停電', '停电'), ('停*电', '停电')]
    """
    if _SPACED_OUT.search(pattern):
        return
    for run in _runs(pattern):
        folded = fold(f"x{run}x")[1:-1]  # so that white space at an end is judged by its neighbour
        if folded != run.lower():
            yield run, folded


def _runs(pattern: str) -> Iterator[str]:
    run = ""
    for part in _PART.finditer(pattern):
        if letter := part["letter"] or part["escaped"]:
            run += letter
            continue
        yield run[:-1] if part["many"] and part["many"][0] != "+" else run
        run = ""
    yield run
