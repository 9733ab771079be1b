"""`python -m crawlers probe` and `add`: from an address to a source, without Python and without a YAML dump."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
from pydantic import TypeAdapter, ValidationError

from crawlers.cli.reading import read_configs
from crawlers.config import CrawlersConfig
from crawlers.kinds import KINDS, Coming
from crawlers.optouts import refused_by
from crawlers.probing.findings import PLACEHOLDER, Findings, described, entry_text, fields_of, suggested_name
from crawlers.probing.software import supplied_only
from crawlers.probing.spider import probe
from crawlers.probing.trial import Trial, first_posts
from crawlers.probing.writing import add_source, candidate
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.turns import turn
from crawlers.source import WebAddress, is_loopback, is_private
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import open_state_engine
from stream.messages import Post
from stream.process.clock import SystemClock, local_time
from stream.process.configuration import Configuration
from stream.process.holders import holder
from stream.process.logs import configure
from stream.process.mail import is_made_up
from stream.state.database import disposing

_PRIVATE = click.option("--private", is_flag=True, help="The address is of an internal network, and that is meant.")
_WIDEST = 60  # characters of a post that are shown


@click.command("probe")
@click.argument("url")
@_PRIVATE
@configs_option
def probe_command(url: str, private: bool, configs: Path) -> None:
    """Say what software URL runs, what robots.txt allows, which feeds and APIs there are, and how to write it down.

    Asks at most ten times, with the contact of crawlers.yml. Exit code 1: nothing here can read it.
    """
    configure("crawlers")
    with explaining_errors():
        stream, config = read_configs(configs)
        _refuse_at_first(url, config, private=private)
        with closing(CrawlLoop()) as loop:
            found = _probed(url, stream, config, loop, private=private)
    for line in described(found, pulled_kinds()):
        click.echo(line)
    fields = fields_of(found, pulled_kinds(), private=private)
    if fields is None:
        raise click.ClickException("nothing here can read it: what its owner exports can be handed in (software: file)")
    click.echo("\nbelow `sources:` in crawlers.yml (or: python -m crawlers add URL --name … --basis …):\n")
    click.echo(entry_text(suggested_name(url), fields, PLACEHOLDER), nl=False)


@click.command("add")
@click.argument("url")
@click.option("--name", required=True, help="The source's key, for ever: ids of posts are made of it.")
@click.option("--basis", required=True, help="Who owns it, and why we may read it.")
@click.option("--yes", is_flag=True, help="Write it without asking, once posts were read.")
@_PRIVATE
@configs_option
def add_command(url: str, name: str, basis: str, yes: bool, private: bool, configs: Path) -> None:
    """Probe URL, show three of its posts, and write it into crawlers.yml, whose comments stay.

    Exit code 1: it cannot be read, or no post came; the file is as it was.
    """
    configure("crawlers")
    with explaining_errors():
        stream, config = read_configs(configs)
        if name in config.sources:
            raise click.ClickException(f"{name} is in crawlers.yml already: give another --name")
        _refuse_at_first(url, config, private=private)
        with closing(CrawlLoop()) as loop:
            found = _probed(url, stream, config, loop, private=private)
            fields = fields_of(found, pulled_kinds(), private=private)
            for line in described(found, pulled_kinds()):
                click.echo(line)
            if fields is None:
                raise click.ClickException("nothing here can read it, so it is not added")
            entry = entry_text(name, fields, basis)
            with candidate(configs / "crawlers.yml", entry) as new:
                source = _read(new).pulled[name]
            with _in_turn(stream, source.host):
                trial = first_posts(
                    name, source, loop=loop, contact=config.contact, clock=SystemClock(), opted_out=config.opted_out
                )
        _show(trial)
        if yes or click.confirm(f"\n{entry}\nwrite this into {configs / 'crawlers.yml'}?", default=True):
            add_source(configs / "crawlers.yml", entry, _read)
            click.echo(f"{name} is in {configs / 'crawlers.yml'}: a running schedule reads it within seconds")


def pulled_kinds() -> tuple[str, ...]:
    """Lists the kinds that are fetched."""
    return tuple(name for name, kind in KINDS.items() if kind.coming is Coming.PULLED)


def _refuse_at_first(url: str, config: CrawlersConfig, *, private: bool) -> None:
    """Refuses what is not to be asked at all."""
    try:
        TypeAdapter(WebAddress).validate_python(url)
    except ValidationError as error:
        raise click.ClickException(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
    host = urlsplit(url).hostname or ""
    if (platform := supplied_only(url)) is not None:
        raise click.ClickException(f"{platform} is not fetched: hand in its owner's export (software: file)")
    if (entry := refused_by(config.opted_out, url)) is not None:
        raise click.ClickException(f"{entry} is on opted_out in crawlers.yml: its owner does not want to be read")
    if is_private(url) and not private:
        raise click.ClickException("this address is not public: write --private if that is meant")
    if is_made_up(config.contact) and not (is_loopback(url) or is_made_up(host)):
        raise click.ClickException(f"contact: {config.contact} in crawlers.yml is a placeholder: write your own first")


def _probed(url: str, stream: StreamConfig, config: CrawlersConfig, loop: CrawlLoop, *, private: bool) -> Findings:
    """Probes in the host's turn."""
    with _in_turn(stream, urlsplit(url).hostname or ""):
        return probe(
            url, loop=loop, contact=config.contact, clock=SystemClock(), opted_out=config.opted_out, private=private
        )  # fmt: skip


@contextmanager
def _in_turn(stream: StreamConfig, host: str) -> Iterator[None]:
    with disposing(open_state_engine(stream)) as engine, turn(engine, host, clock=SystemClock(), holder=holder()):
        yield


def _read(file: Path) -> CrawlersConfig:
    return Configuration(file.parent).add(file.name, CrawlersConfig)()


def _show(trial: Trial) -> None:
    tally = trial.tally
    if not trial.posts:
        why = tally.reason() or "it shows none"
        raise click.ClickException(f"no post could be read, so it is not added: {why}")
    for post in trial.posts:
        click.echo(f"post: {_line(post)}")


def _line(post: Post) -> str:
    when = local_time(post.published_at) if post.published_at is not None else "no time told"
    words = " ".join(f"{post.title} {post.text}".split())
    return f"{when}  {words[:_WIDEST]}{'…' if len(words) > _WIDEST else ''}"
