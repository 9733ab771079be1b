from pathlib import Path

from click.testing import CliRunner
from yaml import safe_load

from crawlers.cli.commands import main

OUTLINE = '<opml><body><outline text="日报" xmlUrl="https://a.cn/rss"/><outline xmlUrl="file:///x"/></body></opml>'


def test_a_list_of_feeds_is_printed_as_sources_and_the_rest_told(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(OUTLINE, "utf-8")
    done = CliRunner().invoke(main, ["opml", str(file)])
    assert done.exit_code == 0
    assert safe_load(done.stdout)["sources"]["a-cn"]["url"] == "https://a.cn/rss"
    assert done.stderr.splitlines() == [
        "1 feeds of 1 sites: paste them, name each owner, enable them",
        "left out, no web address: file:///x",
    ]


def test_a_file_that_is_no_list_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text("<html></html>", "utf-8")
    done = CliRunner().invoke(main, ["opml", str(file)])
    assert (done.exit_code, done.stderr) == (
        1,
        f"Error: {file}: no list of feeds: it is XML that begins with <html>, not with <opml>\n",
    )
