"""`python -m crawlers opml FILE`: the feeds of a reader's list as sources, for a person to look at and paste."""

from pathlib import Path

import click
from yaml import safe_dump

from crawlers.pages.feeds.opml import read_opml, source_entries
from stream.errors import Rejected


@click.command("opml")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def opml_command(file: Path) -> None:
    """Print the feeds of FILE, an OPML list, as sources for crawlers.yml: one a site, off until its owner is named."""
    try:
        found = read_opml(file.read_bytes())
    except Rejected as error:
        raise click.ClickException(f"{file}: no list of feeds: {error.detail}") from error
    entries = source_entries(found)
    click.echo(safe_dump({"sources": dict(entries)}, allow_unicode=True, sort_keys=False, width=1000), nl=False)
    click.echo(f"{len(found.feeds)} feeds of {len(entries)} sites: paste them, name each owner, enable them", err=True)
    for url in found.passed_by:
        click.echo(f"left out, no web address: {url}", err=True)
