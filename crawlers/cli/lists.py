"""How complete each list of a source is, for `crawlers health SOURCE`: a table for a person, a record for a program."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from stream.messages import wire_time
from stream.process.clock import local_time
from stream.state.source_lists import SourceList

UNKNOWN = "?"  # the site tells no total
_SHORT = "%m-%d %H:%M"


def show_lists(lists: Sequence[SourceList]) -> None:
    """Prints a table within 80 columns: of threads and posts `held/told` and what is missing, and until when."""
    console = Console(highlight=False, markup=False)
    if not lists:
        console.print("no list was read yet")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("list", overflow="fold", max_width=20)
    for column in ("threads", "posts", "missing", "waiting"):
        table.add_column(column, no_wrap=True, justify="right")
    table.add_column("complete until", no_wrap=True)
    for one in lists:
        until = local_time(one.complete_until, _SHORT) if one.complete_until else "never"
        threads, posts = _share(one.threads_held, one.threads_told), _share(one.posts_held, one.posts_told)
        table.add_row(one.name, threads, posts, _missing(one), str(one.waiting or ""), until)
    console.print(table)


def told_list(one: SourceList) -> dict[str, object]:
    """Writes a list as JSON has it; None is what nobody knows."""
    until, short_since = one.complete_until, one.short_since
    return {
        "list": one.name,
        "key": one.key,
        "threads": {"told": one.threads_told, "held": one.threads_held, "missing": one.threads_missing},
        "posts": {"told": one.posts_told, "held": one.posts_held, "missing": one.posts_missing},
        "waiting": one.waiting,
        "whole": one.whole,
        "read_at": wire_time(one.read_at),
        "complete_until": wire_time(until) if until else None,
        "short": one.short is not None,
        "short_since": wire_time(short_since) if short_since else None,
    }


def _share(held: int | None, told: int | None) -> str:
    return "" if held is None else f"{held}/{UNKNOWN if told is None else told}"


def _missing(one: SourceList) -> str:
    """Writes the threads that are missing, then the posts; `!` where it is more than the site's totals explain."""
    known = [missing for missing in (one.threads_missing, one.posts_missing) if missing is not None]
    return (" + ".join(map(str, known)) or UNKNOWN) + ("!" if one.short else "")
