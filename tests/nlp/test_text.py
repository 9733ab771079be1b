"""What the model reads of a post."""

import sys
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import Prepared, Unfit, for_model, readable, reposted, told


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("好！！！！！！", "好!!!"),
        ("ＡＢＣ１２３", "abc123"),
        ("水 军 常 用", "水军常用"),
        ("水*军*常*用的手法", "水军常用的手法"),
        ("水.军.常.用!", "水军常用!"),
        ("我 爱 你 China", "我爱你 china"),
        ("今天 下班 早", "今天 下班 早"),
        ("水/军/常/用", "水军常用"),
        ("水丶军丶常丶用", "水军常用"),
        ("上海/北京/天津", "上海北京天津"),
        ("昨晚又停.电了，变⚡电⚡站没人管", "昨晚又停电了,变电站没人管"),
        ("停（电）三天，投_诉", "停电三天,投诉"),
        ("停😡电", "停[怒]电"),
        ("他说“好”的，好~好", "他说“好”的,好~好"),
        ("停電三天沒人管，頭髮都白了", "停电三天没人管,头发都白了"),
        ("乾隆年間的著名颱風", "乾隆年间的著名台风"),
        ("回复 5# 张三 的帖子\n还是没电", "还是没电"),
        ("引用 3楼 李四 的发言：\n没有", "没有"),
        ("回复 第12楼：没有吧", "没有吧"),
        ("张三 写道：\n> 停电了\n我家也是", "我家也是"),
        ("bob said in 停电了:\n> x\n气死", "气死"),
        ("本帖最后由 张三 于 2026-9-1 10:20 编辑\n\n停电", "停电"),
        ("他说道：我不去", "他说道:我不去"),
        ("回复@张三:你说得对", "你说得对"),
        ("@张三 来看 https://t.cn/Ab3 这个", "来看 这个"),
        ("写信给 a.b@example.com 问问", "写信给 a.b@example.com 问问"),
        ("没水没水没水没水没水没水", "没水没水没水"),
        ("[泪][泪][泪][泪][泪]", "[泪][泪][泪]"),
        ("停电\u200b了\ufeff", "停电了"),
        ("é\u0301 停电", "é 停电"),
        ("😭又停电", "[泪]又停电"),
        ("❤️", "[心]"),
        ("[quote]张三 发表于 2026-1-2 03:04\n太黑了[/quote]同意", "同意"),
        ("张三 发表于 2026-1-2 03:04\n同意", "同意"),
        ("> 太黑了\n同意", "同意"),
        (">> 太黑了\n> 是啊\n同意", "同意"),
        (">_< 又停电了，气死", ">_< 又停电了,气死"),
        (">_‹ 又停电了", ">_‹ 又停电了"),
        ("气死了\n>.< 好热啊没电", "气死了 >.< 好热啊没电"),
        ("> < 又停电", "> < 又停电"),
        (">>>又停电了<<<", ">>>又停电了<<<"),
        (">3天没电了", ">3天没电了"),
        ("引用：电费涨了一倍，太黑了", "引用:电费涨了一倍,太黑了"),
        ("引用：\n电费涨了一倍", "电费涨了一倍"),
        ("引用 李四 的发言：\n没有", "没有"),
        ("回复 李四 的帖子\n没有", "没有"),
        ("昨天有人发表于 2026-9-1 的帖子说停电，气死", "昨天有人发表于 2026-9-1 的帖子说停电,气死"),
        ("张三 发表于 2026-1-2 03:04 | 只看该作者\n同意", "同意"),
        ("「李四：停电三天没人管，气死了」\n- - - - - - - - -\n谢谢师傅，已经来电了", "谢谢师傅,已经来电了"),
        ("「李四：停电三天」\n————————\n+1", "+1"),
        ("「李四：「王五：停电三天」」\n- - - - - -\n谢谢", "谢谢"),
        ("「停电三天没人管」这话不对", "「停电三天没人管」这话不对"),
        ("「李四：停电三天」\n说得对", "「李四:停电三天」 说得对"),
        ("回复 气死我了 :谢谢师傅，来电了", "谢谢师傅,来电了"),
        ("回复 3楼 停电了还没来", "回复 3楼 停电了还没来"),
        ("@临江供电公司你们什么时候来电啊", "你们什么时候来电啊"),
        ("@临江供电又停电了三天没人管", "又停电了三天没人管"),
        ("@95598客服态度太差了气死人[怒]", "太差了气死人[怒]"),
        (
            "@张三你们家什么时候来电啊真的急死人了停了三天了没有一个人管我们",
            "你们家什么时候来电啊真的急死人了停了三天了没有一个人管我们",
        ),
        ("来看@今天也不想早起上班的小张", "来看"),
        ("[CLS]停电[SEP]", "[cls]停电[sep]"),
    ],
)
def test_one_thing_said_in_many_ways_is_read_in_one(text: str, read: str) -> None:
    assert for_model(text) == Prepared(read)


def test_the_posters_own_words_come_before_the_first_link_of_a_chain() -> None:
    assert for_model("不信 //@李四:真的吗//@王五:停电了").text == "不信 // 真的吗"


@pytest.mark.parametrize(
    "text",
    [
        "转发微博", "//@李四:停电了", "转发微博//@李四:停电了", "@王五 //@李四:停电了", "Repost",
        "轉發微博。", "转", "快转微博",
        "转发了//@李四:停电了", "转!//@李四:停电了", "转发 转发//@李四:停电了", "转//转//@李四:停电了",
        "mark//@李四:停电了",
        "网页链接 //@李四:停电了", "查看图片//@李四:停电了", "[转发]//@李四:停电了", "RT @李四: 停电了",
        "转自@李四:停电了", "reposted from @李四: 停电了", "回复@李四: //@王五:停电了", "https://t.cn/x //@李四:停电了",
        "转发理由:转发微博",
        "//@李四", "\u200b//@李四:停电了", "【转】//@李四:停电了", "👇//@李四:停电了",
        "@今天也不想早起上班的小张 //@李四:停电了", "回复@张三 //@李四:停电了",
        *(f"{own}//@李四:停电了" for own in (
            "马住", "马", "m", "cy", "转需", "转存", "转走", "已转", "收藏", "存", "转发收藏", "先码", "mark一下",
            "转发了微博", "转发此微博", "reposted", "转帖", "转贴",
        )),
        "转发了@李四的微博：停电了", "转帖@李四：停电了",
        "> 停电了", "[quote]李四 发表于 2026-9-21 10:20\n停电了[/quote]", "李四 写道：\n> 停电了",
        "「李四：停电了」\n- - - - - - - - -\n转发", "[quote]停电了[/quote]\n转",
        "转发微博 抱歉，作者已设置仅展示半年内微博，此微博已不可见。",
        "//@李四:该账号因被投诉违反法律法规，现已无法查看。", "//@李四:该内容请至手机客户端查看",
        "//@李四:该微博因被多人投诉，根据《微博社区公约》，已被删除。", "//@李四:此微博已不可见",
    ],
)  # fmt: skip
def test_a_repost_without_words_is_unfit_and_says_so(text: str) -> None:
    assert for_model(text) == Prepared("", Unfit.REPOST)


@pytest.mark.parametrize(
    "text",
    [
        "转发微博//@李四:停电了", "//@李四：//@王五：停电了", "//@李四:转发微博//@王五:停电了",
        "//@李四 停电了", "//@李/四:停电了",
        "/／＠李四：停电了", "RT @李四: 停电了", "//@李四:抱歉，此微博已被作者删除。//@王五:停电了",
        "//@李四:[图片评论]//@王五:停电了",
        "//@李四:该账号因被投诉违反法律法规，现已无法查看。//@王五:停电了",
        "> 停电了", "转\n> 停电了", "[quote]李四 发表于 2026-9-21 10:20\n停电了[/quote]",
        "「李四:停电了」\n------\n转发", "转发了@李四的微博：停电了",
    ],
)  # fmt: skip
def test_the_first_who_says_something_is_read_whoever_forwards_in_between(text: str) -> None:
    assert readable(text) == Prepared("// 停电了", passed_on=True)


def test_own_words_answer_the_first_link_that_says_something() -> None:
    assert (
        for_model("不信//@李四:转发微博//@王五:停电了").text
        == for_model("不信//@李四://@王五:停电了").text
        == "不信 // 停电了"
    )


def test_a_face_is_read_as_the_posters_own_and_before_what_is_passed_on() -> None:
    assert readable("😂//@李四:停电了") == Prepared("[笑cry] // 停电了")
    assert readable("//@李四:[怒]//@王五:停电了") == Prepared("// [怒] // 停电了", passed_on=True)


@pytest.mark.parametrize("own", ["[doge]", "😂", "转发微博 [doge][doge]", "???", "//@赵六:[怒]", "网页链接", "@赵六"])
def test_a_post_that_adds_a_face_or_a_mark_alone_is_a_copy_of_what_it_forwards(own: str) -> None:
    assert told(f"{own}//@李四:停电了 查看图片") == told("停电了") == "停电了"


@pytest.mark.parametrize(
    "text",
    [
        "转：停电了没人管",
        "【转】停电了没人管",
        "转发:停电了没人管",
        "停电了没人管(转)",
        "停电了没人管【转发】",
        "停电了没人管 网页链接",
        "(转)停电了没人管",
        "（转）停电了没人管",
        "[转帖]停电了没人管",
        "【转帖】停电了没人管",
        "转帖：停电了没人管",
        "转自业主群：停电了没人管",
        "【转自业主群】停电了没人管",
        "停电了没人管——转自业主群",
        "停电了没人管（转自业主群）",
        "帮转：停电了没人管",
        "帮朋友转：停电了没人管",
        "群里转的：停电了没人管",
        "转发微博 停电了没人管",
        "转发了@李四的微博：停电了没人管",
        "> 停电了没人管",
    ],
)
def test_what_is_copied_by_hand_tells_what_it_copies(text: str) -> None:
    assert told(text) == "停电了没人管"


def test_reposts_of_reposts_without_end_are_read_in_bounded_time() -> None:
    begun = process_time()
    for text in (
        "转,转转!转转转。转" * 2_000 + "好",
        "转 发 " * 5_000 + "?",
        "快转分享" * 4_000 + "x",
        "rt@a " * 4_000,
    ):
        readable(text), told(text)
    assert process_time() - begun < 3


@pytest.mark.parametrize("own", ["扩散", "转起来", "不信", "求转发", "+1", "#停电#", "马上修", "存疑", "转了三趟车"])
def test_whoever_calls_or_answers_has_words_of_their_own(own: str) -> None:
    assert for_model(f"{own}//@李四:停电了").text == told(f"{own}//@李四:停电了") == f"{own} // 停电了"


@pytest.mark.parametrize("text", ["转发：停电了", "分享一个好消息", "art @李四 停电了", "转了三趟车还没到"])
def test_words_that_begin_like_a_repost_are_none(text: str) -> None:
    assert for_model(text).reason is None


@pytest.mark.parametrize("text", ["转了三趟车还没到", "分享一个好消息", "病情好转:放心", "停电了,转自业主群的消息"])
def test_words_that_begin_like_a_copy_by_hand_are_told_as_they_are(text: str) -> None:
    assert told(text) == text


def test_what_a_repost_passes_on_can_be_read_apart() -> None:
    assert reposted("转发微博//@李四://@王五:停电了").text == "// 停电了"
    assert reposted("转发微博").reason is Unfit.EMPTY


def test_a_bare_repost_is_read_as_the_first_words_it_passes_on() -> None:
    assert readable("转发微博//@李四:停电了//@王五:又停") == Prepared("// 停电了", passed_on=True)
    assert readable("不信//@李四:停电了") == Prepared("不信 // 停电了")
    assert readable("转发微博//@李四:") == Prepared("", Unfit.REPOST)
    assert readable("@王五") == Prepared("", Unfit.EMPTY)


def test_a_bare_repost_tells_what_the_post_it_forwards_tells() -> None:
    assert told("轉發//@李四:停電了，//@王五:又停") == told("停电了,//@王五:又停") == "停电了, // 又停"
    assert told("转发微博//@李四:") == told("转发微博") == told("") == ""


@given(st.text(alphabet="停电//@李:转发微 ", max_size=30))
def test_forwarding_changes_nothing_that_is_told(text: str) -> None:
    if for_model(text).text and not text.startswith("/"):
        assert told(f"转发微博//@李四:{text}") == told(text)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "...", "\u200b\u200d", "https://t.cn/Ab3", "@张三", "\ud800", "🀀🀁", "\x00\x07"]
)
def test_a_text_without_words_is_unfit(text: str) -> None:
    assert for_model(text) == Prepared("", Unfit.EMPTY)


def test_a_title_is_read_before_the_text_unless_the_text_repeats_it() -> None:
    assert for_model("三天了", "又停电").text == "又停电 三天了"
    assert for_model("又停电,三天了", "又停电").text == "又停电,三天了"


def test_an_emoji_written_as_two_surrogates_is_still_an_emoji() -> None:
    assert for_model("\ud83d\ude2d").text == "[泪]"


@pytest.mark.parametrize(
    "text",
    [
        "哈" * 100_000,
        "哈 " * 50_000,
        "@" * 100_000,
        "//@" * 40_000,
        "[" * 100_000,
        "> \n" * 9_000,
        "\n" * 20_000,
        "回复1#" * 9_000,
        "[quote]" * 3_000,
        "「李:\n" * 5_000,
        "「李:" + "」-" * 10_000,
        "> " * 10_000,
        "@你不又" * 5_000,
    ],
)
def test_a_huge_text_is_cut_and_read_in_bounded_time(text: str) -> None:
    assert len(for_model(text).text) <= 20_000


@given(st.text(st.characters(max_codepoint=sys.maxunicode), max_size=300))
def test_any_text_is_read_or_unfit(text: str) -> None:
    prepared = for_model(text)
    assert bool(prepared.text) == (prepared.reason is None)
    prepared.text.encode()


@given(st.text("停电了哈@/ :!?.[]泪a1\n>转发", max_size=80))
def test_what_was_read_reads_the_same_again(text: str) -> None:
    once = for_model(text)
    if once.text:
        assert for_model(once.text) == once
