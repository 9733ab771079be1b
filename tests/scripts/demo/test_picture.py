from datetime import UTC, datetime, timedelta
from pathlib import Path

from matplotlib.font_manager import get_font

from scripts.demo.picture import FONT, Level, Mark, Panel, Picture, draw
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter

START = datetime(2026, 8, 31, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_picture_is_drawn_even_of_an_empty_index(tmp_path: Path) -> None:
    SqliteIndexWriter(tmp_path / "index.db").close()
    hours = (START + DAY, START + DAY + timedelta(hours=8))
    marks = tuple(
        Mark(hours[0] + timedelta(minutes=5 * n), "无人处置，升级至宣传部负责人", n % 2 == 0) for n in range(12)
    )
    usual = (Level(hours[0], 1.0, 7.0), Level(hours[0] + timedelta(hours=1), 2.0, 9.0))
    wave = Panel("险情传言", "rumour", hours, usual, (*marks, Mark(hours[1] + DAY, "销号")))
    picture = Picture(
        title="始末", weeks=(START, START + 3 * DAY), monday=Panel("周一", "bill", hours), waves=(wave, wave),
        footer="",
    )  # fmt: skip
    path = draw(picture, SqliteIndexReader(tmp_path / "index.db"), tmp_path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_font_of_our_own_knows_the_words_on_it() -> None:
    known = get_font(str(FONT)).get_charmap()
    words = "发现异常，立案首封通知送达升级至收到确认研判成立上报核实结论：谣言发布澄清答疑引导恢复平静销号「」→（）"
    words += "复燃再次跟踪平常的周一预警线负面其他次日数据索引处置记录公司论坛人物均为虚构由随附中文模型判定按雷同折算"
    assert not [letter for letter in words if ord(letter) not in known]


def test_the_font_comes_with_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text("utf-8")
