"""Errors that a person can mend are sentences with an exit code; everything else keeps its traceback."""

import click
import pytest
from click.testing import CliRunner, Result

from stream.cli.options import Group, configs_option, explaining_errors
from stream.errors import ConfigError, DecodeError, Fenced, Mistake, Rejected, Retryable, TooManyRejects


def run(error: BaseException | None) -> Result:
    @click.command()
    def command() -> None:
        with explaining_errors():
            click.echo("begun")
            if error is not None:
                raise error
        click.echo("done")

    return CliRunner().invoke(command)


def test_a_command_that_works_ends_with_nothing_added() -> None:
    done = run(None)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "begun\ndone\n", "")


def test_every_mistake_of_the_configuration_has_a_line_and_the_program_ends_with_78() -> None:
    refused = run(ConfigError([Mistake("a.yml", "b.c", "is wrong"), Mistake("d.yml", "", "is missing")]))
    assert (refused.exit_code, refused.stdout) == (78, "begun\n")
    assert refused.stderr == "a.yml: b.c: is wrong\nd.yml: is missing\n"


def test_a_stage_that_stopped_itself_ends_with_70() -> None:
    stopped = run(TooManyRejects("100 records in a row"))
    assert (stopped.exit_code, stopped.stderr) == (70, "stopped: 100 records in a row\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Rejected("query", "nothing to look for"), "query: nothing to look for"),
        (Rejected("outside_log"), "outside_log"),
        (DecodeError("no JSON", b"secret words"), "undecodable: no JSON"),
        (Retryable("the log is away", after=5), "the log is away"),
        (Fenced("lease watch is held by two"), "lease watch is held by two"),
    ],
)
def test_what_cannot_be_done_now_is_one_sentence_and_1(error: Exception, sentence: str) -> None:
    refused = run(error)
    assert (refused.exit_code, refused.stderr) == (1, f"{sentence}\n")


def test_a_bug_keeps_its_traceback() -> None:
    broken = run(ZeroDivisionError("division by zero"))
    assert isinstance(broken.exception, ZeroDivisionError)
    assert broken.stderr == ""


def test_a_sentence_goes_beside_the_output_never_into_it() -> None:
    assert run(Retryable("away")).stdout == "begun\n"


@pytest.mark.parametrize(
    ("words", "environment", "found"),
    [
        ([], {}, "configs"),
        ([], {"WENFENG_CONFIGS": "/etc/wenfeng"}, "/etc/wenfeng"),
        (["--configs", "here"], {"WENFENG_CONFIGS": "/etc/wenfeng"}, "here"),
    ],
)
def test_the_configuration_lies_where_the_option_says_then_the_environment(
    words: list[str], environment: dict[str, str], found: str
) -> None:
    @click.command()
    @configs_option
    def command(configs: object) -> None:
        click.echo(configs)

    assert CliRunner(env=environment).invoke(command, words).stdout == f"{found}\n"


def test_a_groups_help_tells_of_each_command_its_whole_first_paragraph() -> None:
    @click.group(cls=Group)
    def group() -> None:
        """Do things."""

    @group.command()
    def long() -> None:
        """Do a thing that takes many more words to tell than forty-five letters hold; and end well.

        Exit code 1: it did not.
        """

    @group.command(hidden=True)
    def secret() -> None:
        """Do nothing."""

    told = CliRunner().invoke(group, ["--help"], terminal_width=200).stdout
    assert "Do a thing that takes many more words to tell than forty-five letters hold; and end well.\n" in told
    assert "Exit code" not in told
    assert "secret" not in told
