from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts.notify.quotes import LONGEST, choose, clean, defang, mask, quote
from stream.messages import ScoredPost

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


def test_quotes_are_of_different_words_and_voices(write: Write) -> None:
    first = write(1, negative=0.99)
    copy, same_voice = write(2, fingerprint=first.fingerprint), write(3, voice=first.voice)
    others = [write(n, negative=0.8 - n / 100) for n in (4, 5, 6)]
    assert choose([copy, same_voice, *others, first]) == [first, *others[:2]]


def test_clean_is_bounded() -> None:
    assert len(clean("啊" * 10_000_000)) == 2_000
