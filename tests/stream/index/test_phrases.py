from stream.index.phrases import LONGEST, MOST, phrases


def test_text_is_cut_at_punctuation_and_at_words_that_mean_little() -> None:
    told = "听说城东变电站爆炸了，全城停电！真的假的？iPhone 没电了"
    assert phrases("网传", told) == ["城东变电站爆炸", "全城停电"]
    assert phrases("我们小区的电费怎么又涨了") == ["小区", "电费"]


def test_each_is_told_once_and_sentences_not_at_all() -> None:
    assert phrases("停电", "停电，停电") == ["停电"]
    assert phrases("电" * (LONGEST + 1)) == []
    assert phrases("", "的了吗", "a b c", "药") == []


def test_a_long_post_has_no_more_than_its_share() -> None:
    many = "，".join(chr(0x4E00 + n) + chr(0x4F00 + n) for n in range(200))
    assert len(phrases(many)) == MOST
