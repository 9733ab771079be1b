"""Chinese in simplified characters."""

import re
from functools import lru_cache

from opencc import OpenCC

# Taiwan and Hong Kong write 著 for 着, which the mainland keeps for writing and fame (原著, 显著). By words, since no
# table of characters can tell them apart: 着 before what takes fire or hold, and after what people do meanwhile, or do
# instead of what they should (拖著不給).
_NO_BOOK = "(?<![原名巨专编译论遗显土拙卓昭新旧])"
_ZHE = re.compile(
    f"{_NO_BOOK}著(?=[火急凉陆手落迷想眼装实慌])"
    "|(?<=[看等冒烧跟随活拿站带沿笑躺坐睡接借味朝忙燃亮开挂漏流淌喊哭围堵背抱守盯听藏压瞒穿执附沉点拖吵闹欠停护黑住用走靠憋忍骗])著(?![名作称书述录者])"
)

# Forms of Taiwan, Japan and old type that OpenCC leaves: one reading each on the mainland.
_FORMS = str.maketrans("妳牠祂値戸砲淸靑硏噐彊躶変図", "你它它值户炮清青研器强裸变图")
_HAS_FORM = re.compile("[妳牠祂値戸砲淸靑硏噐彊躶変図]|甚么")


def simplified(text: str) -> str:
    """Writes in simplified characters, by words where a character has several (頭髮 头发, 發財 发财, 乾隆 乾隆).

    The text holds no lone surrogates. About 5 µs per post.
    """
    plain = str(_converter().convert(text))
    if _HAS_FORM.search(plain):
        plain = plain.translate(_FORMS).replace("甚么", "什么")
    return _ZHE.sub("着", plain) if "著" in plain else plain


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")
