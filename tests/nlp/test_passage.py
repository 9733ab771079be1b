from nlp.passage import as_written
from nlp.text import for_model


def test_a_passage_is_shown_as_its_author_wrote_it() -> None:
    text = "开头都很平常。@张三 停 电三天了，气死我了！！！！！！😭没人管，ＡＰＰ也打不开。结尾也很平常。"
    passage = for_model(text).text[7:-8]
    assert as_written(passage, text) == "停 电三天了，气死我了！！！！！！😭没人管，ＡＰＰ也打不开"


def test_a_passage_in_traditional_characters_is_found_again() -> None:
    text = "乾隆年間的事。停電三天沒人管，頭髮都白了！後來呢"
    assert as_written(for_model(text).text[7:-4], text) == "停電三天沒人管，頭髮都白了"


def test_what_cannot_be_found_again_is_shown_as_it_was_read() -> None:
    assert as_written("别处的话", "这里的话") == "别处的话"
    assert as_written("[泪]", "😭") == "[泪]"
    assert as_written("气死我了", "") == "气死我了"


def test_a_passage_is_found_however_its_characters_depend_on_their_words() -> None:
    text = "天氣很好。乾隆年間的房子著火了，誰來管。走吧"
    [passage] = [one for one in for_model(text).text.split("。") if "火" in one]
    assert passage == "乾隆年间的房子着火了,谁来管"
    assert as_written(passage, text) == "乾隆年間的房子著火了，誰來管"


def test_a_passage_is_found_whatever_parted_its_words() -> None:
    text = "天氣很好。変⚡電⚡站停丨電（三）天了，甚麼時候修！走吧"
    [passage] = [one for one in for_model(text).text.replace("!", "。").split("。") if "电" in one]
    assert passage == "变电站停电(三)天了,什么时候修"
    assert as_written(passage, text) == "変⚡電⚡站停丨電（三）天了，甚麼時候修"
