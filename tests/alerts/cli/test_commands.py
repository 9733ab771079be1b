from click.testing import CliRunner

from alerts.cli.commands import main as cli


def test_every_command_says_what_it_does() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    for command in ("check-config", "watch", "case", "screening", "outbox", "check", "replay"):
        assert f"\n  {command} " in shown
        assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0
