"""`python -m crawlers kinds`: every kind of source, what its configuration must say, what it was tried against."""

import click
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table

from crawlers.kinds import KINDS, SourceKind

OF_ALL = frozenset({"site", "software", "basis"})  # keys of every source


@click.command("kinds")
def kinds_command() -> None:
    """Show the kinds of source: what each reads and how, which keys it needs, what it was tested against."""
    console = Console(highlight=False, markup=False)
    console.print(_kinds_table())
    console.print(f"\nEvery source also says {', '.join(sorted(OF_ALL))}.")
    console.print("Of each key ending in _file there is one in _env, for a secret from the environment.")
    console.print("What is sent to us (wecom, webhook, suggestions) needs reception: {listen: …} as well.")
    console.print("Examples stand in configs/crawlers.yml.")


def _kinds_table() -> Table:
    """Builds a table that fits 80 columns: long lines are folded."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("software", no_wrap=True)
    table.add_column("reads", ratio=3, overflow="fold")
    table.add_column("needs", ratio=1, overflow="fold")
    table.add_column("tested against", ratio=2, overflow="fold")
    for name, kind in KINDS.items():
        reads = kind.description or _first_sentence(kind)
        table.add_row(name, reads, ", ".join(needed_keys(kind)) or "-", kind.tested or "own fixtures")
    return table


def needed_keys(kind: SourceKind) -> list[str]:
    """Lists what an entry of this kind must say beside what every source says; a secret as the key of its file."""
    known: dict[str, FieldInfo] = vars(kind.source)["__pydantic_fields__"]
    required = [option for option, told in known.items() if told.is_required() and option not in OF_ALL]
    return [*required, *kind.needs]


def _first_sentence(kind: SourceKind) -> str:
    return " ".join((kind.source.__doc__ or "").partition("\n\n")[0].split())
