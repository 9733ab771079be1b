from click.testing import CliRunner

from alerts.__main__ import cli, open_channels
from alerts.config import AlertsConfig


def test_every_command_says_what_it_does() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    for command in ("check-config", "watch", "case", "screening", "outbox", "check"):
        assert f"\n  {command} " in shown
        assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0


def test_the_folder_is_the_channel_of_an_installation_without_a_mail_server(config: AlertsConfig) -> None:
    assert [channel.name for channel in open_channels(config)] == ["file"]
