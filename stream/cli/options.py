"""What the commands of all packages share: where the configuration lies, and errors as sentences."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from stream.errors import EXIT_CONFIG, EXIT_STOPPED, ConfigError, Rejected, Retryable, TooManyRejects

configs_option = click.option(
    "--configs", type=click.Path(path_type=Path), default="configs", envvar="WENFENG_CONFIGS", show_default=True,
    help="Folder of the configuration files.",
)  # fmt: skip


class Group(click.Group):
    """A group whose help tells of each command its whole first paragraph: click's own breaks off in mid-sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands into the help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        told = [(name, " ".join(_first_paragraph(one).split())) for name, one in found if one and not one.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(told)


def _first_paragraph(command: click.Command) -> str:
    return (command.help or "").partition("\n\n")[0]


@contextmanager
def explaining_errors() -> Iterator[None]:
    """Turns the errors a person can mend into sentences and exit codes; everything else keeps its traceback."""
    try:
        yield
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(EXIT_CONFIG)
    except TooManyRejects as error:
        click.echo(f"stopped: {error}", err=True)
        sys.exit(EXIT_STOPPED)
    except (Rejected, Retryable) as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)
