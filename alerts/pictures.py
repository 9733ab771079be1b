"""The font of every picture that the alerts draw: the bundled one, else one of the machine that has Chinese."""

from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.font_manager import FontProperties, fontManager

FONT = Path(__file__).parents[1] / "scripts" / "demo" / "fonts" / "WenfengSansSC-Regular.otf"
ELSEWHERE = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Serif CJK SC", "SimHei", "SimSun", "Microsoft YaHei")


@cache
def chinese_font(bundled: Path = FONT) -> str | None:
    """Finds the name of a font with Chinese characters; None where there is none: draw with other words then.

    An installation may come without the demo and its font.
    """
    if bundled.is_file():
        fontManager.addfont(bundled)
        return FontProperties(fname=bundled).get_name()
    there = {font.name for font in fontManager.ttflist}
    return next((name for name in ELSEWHERE if name in there), None)


def dress(figure: Any, font: str) -> None:
    """Sets all words of a figure in the font."""
    for words in figure.findobj(lambda one: hasattr(one, "set_fontfamily")):
        words.set_fontfamily(font)
