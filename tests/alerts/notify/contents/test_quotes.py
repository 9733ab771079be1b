from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.notify.contents.quotes import LONGEST, accuses, choose, clean, defang, mask, own_words, quote, safe_line
from stream.messages import Act, Counts, Kind, ScoredPost

Write = Callable[..., ScoredPost]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("打电话13812345678没人接", "打电话［号码］没人接"),
        ("电话 138-1234-5678", "电话 ［号码］"),
        ("１３８１２３４５６７８", "［号码］"),
        ("身份证110101199003078515", "身份证［号码］"),
        ("邮箱 a.b@c.com.cn 联系", "邮箱 ［邮箱］ 联系"),
        ("@某某某 你看看", "@［某用户］ 你看看"),
        ("加微信: abc_12345", "加微信: ［号码］"),
        ("找张小明经理问", "找张某经理问"),
        ("那人名叫王大伟的", "那人名叫王某的"),
        ("3号楼2单元501室", "×号楼×单元×室"),
        ("停电12小时,罚款500元", "停电12小时,罚款500元"),
    ],
)
def test_what_could_find_a_person_is_masked(told: str, shown: str) -> None:
    assert mask(told) == shown


@pytest.mark.parametrize("link", ["http://evil.com/a", "HTTPS://EVIL.com", "www.evil.com.cn/x", "ftp://evil.com"])
def test_no_link_survives(link: str) -> None:
    shown = defang(link)
    assert "[.]" in shown
    assert "http" not in shown.lower()


def test_a_quote_is_one_clean_short_line(write: Write, now: datetime) -> None:
    nasty = "第一行\u2028第二行\r\nBcc: x@y.com\u202e倒\u200b写\ud800\x00" + "长" * 100_000
    shown = quote(write(1, nasty), now).text
    assert shown is not None
    assert len(shown) == LONGEST
    assert shown.startswith("第一行 第二行 Bcc: ［邮箱］倒写")
    assert shown.isprintable()


def test_a_number_across_the_cut_is_masked_before_it_is_cut(write: Write, now: datetime) -> None:
    assert "138" not in (quote(write(1, "停" * 112 + "13812345678"), now).text or "")


def test_a_long_post_is_quoted_by_its_most_negative_passage(write: Write, now: datetime) -> None:
    long = write(
        1, "平常的开头" * 40 + "气死我了" + "平常的结尾" * 40, passage="12345平常的开头气死我了138-1234-5678平常，2026-"
    )
    assert quote(long, now).text == "…平常的开头气死我了［号码］平常，"
    assert quote(write(2, "气死我了", passage=None), now).text == "气死我了"
    assert quote(write(3, "短" * LONGEST, passage="短"), now).text == "短" * LONGEST


def test_what_was_deleted_a_day_ago_is_withheld(write: Write, now: datetime) -> None:
    post = write(1, deleted_at=now)
    assert quote(post, now + timedelta(hours=23)).text == "停电了没人修"
    assert quote(post, now + timedelta(hours=25)).text is None


def test_a_changed_or_withdrawn_post_says_so(write: Write, now: datetime) -> None:
    changed = quote(write(1, edited_at=now, deleted_at=now), now)
    assert (changed.edited_at, changed.removed) == (now, True)
    assert (quote(write(2), now).edited_at, quote(write(2), now).removed) == (None, False)


def test_quotes_are_the_earliest_the_widest_the_newest_and_then_the_worst(write: Write, now: datetime) -> None:
    ages = {"earliest": 50, "widest": 30, "newest": 1, "worst": 20, "bad": 10, "read": 40}
    posts = {
        name: write(n, f"没人管 {name}", at=now - timedelta(minutes=age)) for n, (name, age) in enumerate(ages.items())
    }
    posts["widest"] = replace(posts["widest"], counts=Counts(replies=90, views=100))
    posts["read"] = replace(posts["read"], counts=Counts(views=8_000))
    posts["worst"], posts["bad"] = replace(posts["worst"], negative=0.99), replace(posts["bad"], negative=0.95)
    order = ["earliest", "widest", "newest", "worst", "bad"]
    assert choose(list(posts.values()), 5) == [posts[name] for name in order]
    assert choose(list(posts.values())) == [posts[name] for name in order[:3]]


def test_a_text_that_many_repeat_spread_widest(write: Write, now: datetime) -> None:
    copies = [write(n, "转发", fingerprint="a" * 16, at=now - timedelta(minutes=n)) for n in range(10, 15)]
    first, last = write(1, "最早", at=now - timedelta(hours=1)), write(2, "最新", at=now)
    assert choose([last, *copies, first]) == [first, copies[-1], last]


def test_quotes_are_of_different_words_and_voices(write: Write) -> None:
    first = write(1, negative=0.99)
    copy, same_voice = write(2, fingerprint=first.fingerprint), write(3, voice=first.voice)
    chosen = choose([copy, same_voice, first, write(4), write(5)], 5)
    assert len(chosen) == len({post.fingerprint for post in chosen}) == len({post.voice for post in chosen})
    assert choose([]) == []
    assert choose([write(1), write(1)]) == [write(1)]


@pytest.mark.parametrize("text", ["联系上了，人都没事", "供电公司辟谣了，没有爆炸", "辛苦了，终于来电了"])
def test_a_denial_a_reassurance_and_thanks_accuse_nobody(write: Write, text: str) -> None:
    assert not accuses(write(1, text, title="停电三天没人管"))
    assert choose([write(1, text, negative=0.99), write(2, "没人管", negative=0.5)]) == [
        write(2, "没人管", negative=0.5)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "供电公司的承诺全是假的，停电三天没人修", "投诉回复不属实，根本没联系我", "没有任何依据就罚款",
        "客服编造理由不来修", "伪造我的签字确认已修复", "别信客服说的两小时来电",
        "供电公司删帖说我造谣，我说的都是真话", "都是旧闻了，年年停电没人管", "已恢复供电是骗人的",
    ],
)  # fmt: skip
def test_who_calls_a_promise_or_an_answer_false_accuses(write: Write, text: str) -> None:
    assert accuses(write(1, text))
    assert choose([write(1, text)]) == [write(1, text)]


@pytest.mark.parametrize("text", ["网传停电三天是假的", "变电站爆炸不属实", "没有这回事"])
def test_who_calls_a_rumour_false_accuses_nobody(write: Write, text: str) -> None:
    assert not accuses(write(1, text))


def test_the_organisations_own_clarification_accuses_nobody(write: Write) -> None:
    text = "我公司昨晚没有发生爆炸"
    assert not accuses(write(1, text, act=Act.CLARIFICATION))
    assert accuses(write(1, "停电三天没人管", act=Act.STATEMENT))


def test_a_reply_is_its_own_words_and_not_its_threads_title(write: Write) -> None:
    assert own_words(write(1, "根本没人管", title="关于停电的通知")) == "根本没人管"
    assert own_words(write(2, " ", title="停电三天了")) == "停电三天了"
    assert own_words(write(3, "没人管", title="停电三天了", kind=Kind.THREAD)) == "停电三天了\n没人管"
    assert own_words(write(4, "停电三天了，没人管", title="停电三天了", kind=Kind.THREAD)) == "停电三天了，没人管"


def test_a_reply_in_a_thread_of_a_denial_is_judged_by_its_own_words_the_thread_by_its_title(write: Write) -> None:
    title = "关于网传爆炸的辟谣通告"
    assert accuses(write(1, "那怎么还没电", title=title))
    assert not accuses(write(1, "现将情况说明如下", title=title, kind=Kind.ARTICLE))


def test_a_long_complaint_that_tells_of_a_denial_at_its_end_accuses(write: Write) -> None:
    assert accuses(write(1, "停电了没人管。" * 60 + "官方却发公告称此事不属实"))


@pytest.mark.parametrize("act", [Act.APPEAL, Act.CALL, Act.MOCKERY])
def test_who_asks_or_mocks_politely_does_not_thank(write: Write, act: Act) -> None:
    assert accuses(write(1, "感谢领导三天没人修", act=act))
    assert not accuses(write(1, "感谢领导三天没人修", act=Act.STATEMENT))


def test_a_strangers_line_is_masked_and_cut(write: Write) -> None:
    assert safe_line("城市生活 http://evil.com 打13812345678") == "城市生活 hxxp://evil[.]com 打［号码］"
    assert safe_line("很长" * 100, 10) == "很长很长很长很长很…"


def test_clean_is_bounded() -> None:
    assert len(clean("啊" * 10_000_000)) == 2_000
