import pytest

from stream.spelling.script import simplified


def test_traditional_characters_are_told_by_their_words() -> None:
    assert simplified("頭髮 發財 乾隆 停電") == "头发 发财 乾隆 停电"
    assert simplified("變電站爆炸，瓦斯洩漏，臺灣的羣衆") == "变电站爆炸，瓦斯泄漏，台湾的群众"


def test_forms_that_one_country_alone_writes_are_those_of_the_mainland() -> None:
    assert simplified("妳們甚麼時候修，牠咬斷了戸外電線，放鞭砲") == "你们什么时候修，它咬断了户外电线，放鞭炮"
    assert simplified("変電站") == "变电站"
    assert simplified("甚至") == "甚至"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("工廠著火了", "工厂着火了"), ("著急", "着急"), ("著涼", "着凉"),
        ("飛機著陸", "飞机着陆"), ("著手處理", "着手处理"),
        ("冒著黑煙", "冒着黑烟"), ("燒著了", "烧着了"), ("看著他", "看着他"),
        ("沿著路", "沿着路"), ("意味著", "意味着"),
        ("執著", "执着"), ("穿著", "穿着"),
        ("拖著不給", "拖着不给"), ("蠟燭點著了", "蜡烛点着了"), ("鬧著要賠", "闹着要赔"), ("吵著退費", "吵着退费"),
        ("欠著薪水", "欠着薪水"), ("停著電", "停着电"), ("護著他們", "护着他们"), ("黑著燈", "黑着灯"),
        ("住著老人", "住着老人"), ("用著用著就跳電", "用着用着就跳电"), ("走著走著", "走着走着"), ("靠著牆", "靠着墙"),
        ("憋著火", "憋着火"), ("忍著痛", "忍着痛"), ("騙著簽字", "骗着签字"),
    ],
)  # fmt: skip
def test_what_taiwan_and_hong_kong_write_with_the_character_of_books_is_known_by_its_words(
    written: str, plain: str
) -> None:
    assert simplified(written) == plain


@pytest.mark.parametrize(
    "text",
    [
        "原著火了",
        "名著",
        "著名",
        "著作",
        "显著",
        "巨著",
        "土著",
        "新著",
        "编著",
        "看著名的",
        "随著者",
        "遗著手稿",
        "引用著作",
        "保护著作权",
        "点著名景区",
        "住著名酒店",
        "专著",
        "著",
    ],
)
def test_books_and_fame_stay(text: str) -> None:
    assert simplified(text) == text
