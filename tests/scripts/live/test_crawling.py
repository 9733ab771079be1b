from pathlib import Path

from crawlers.cli.reading import read_configs
from scripts.live.crawling import installed


def test_an_installation_is_the_shipped_configuration_with_everything_below_one_folder(tmp_path: Path) -> None:
    installation = installed(tmp_path / "here")
    stream, crawlers = read_configs(installation.configs)
    assert Path(stream.var) == tmp_path / "here" / "var"
    assert crawlers.sources == {}
    assert len(crawlers.voice_secret) >= 32


def test_nothing_was_sent_before_anything_was_crawled(tmp_path: Path) -> None:
    installation = installed(tmp_path / "here")
    stream, _ = read_configs(installation.configs)
    assert not Path(stream.var).exists()
