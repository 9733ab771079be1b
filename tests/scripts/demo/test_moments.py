import sqlite3
from contextlib import closing
from pathlib import Path

from yaml import safe_load

from scripts.demo.moments import FIRST_LETTER, configs_of, keep_moment


def test_a_moment_keeps_the_databases_that_are_in_use_and_names_them_in_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "stream.yml").write_text(f"var: {tmp_path}\nstate: sqlite:state.db\n", "utf-8")
    (tmp_path / "configs" / "alerts.yml").write_text("sender: wenfeng@example.com\n", "utf-8")
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as state:
        state.execute("PRAGMA journal_mode=WAL")
        state.execute("CREATE TABLE told (at TEXT)")
        state.execute("INSERT INTO told VALUES ('15:00')")
        configs = keep_moment(tmp_path, FIRST_LETTER)
        state.execute("INSERT INTO told VALUES ('15:20')")
    assert configs == configs_of(tmp_path, FIRST_LETTER)
    said = safe_load((configs / "stream.yml").read_text("utf-8"))
    assert said == {"var": str(tmp_path / "moments" / FIRST_LETTER), "state": "sqlite:state.db"}
    assert (configs / "alerts.yml").read_text("utf-8") == "sender: wenfeng@example.com\n"
    with closing(sqlite3.connect(Path(said["var"]) / "state.db")) as kept:
        assert kept.execute("SELECT at FROM told").fetchall() == [("15:00",)]


def test_the_story_s_end_is_what_the_demo_left(tmp_path: Path) -> None:
    assert configs_of(tmp_path, None) == tmp_path / "configs"
