from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import category, is_normalized

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from w3lib.url import safe_url_string

from crawlers.edge import (
    MAX_NAME,
    MAX_URL,
    cut,
    identify,
    line,
    name_of,
    normalise,
    readable,
    to_post,
    understood,
    web_address,
)
from crawlers.pages.observation import Observation
from stream.codec import POSTS
from stream.messages import MAX_TEXT, Counts, Crawl, Kind, Post, Precision, post_id

NOW = datetime(2026, 11, 19, 6, 34, 21, 123456, tzinfo=UTC)
PLAIN = Observation(native_id="pid:22", kind=Kind.REPLY, thread="pid:1", text="停电了")
CRAWL = Crawl(robots="allowed", rate=1.0, parser="discuz", version=1)
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
ANY_TEXT = st.text(
    st.characters(codec=None) | st.sampled_from("\u200d\u0301\ufe0f👩👧🏽\r\n\u2028\ud83d\ude21\u202e \u3000한ᆨ")
)


def post(observation: Observation = PLAIN, **changes: Any) -> Post:
    settings: dict[str, Any] = {
        "site": "bbs",
        "source": "bbs-main",
        "voice_key": b"k" * 32,
        "first_seen_at": NOW,
        "observed_at": NOW,
        "crawl": CRAWL,
    }
    return to_post(observation, **(settings | changes))


def test_a_post_is_known_by_the_sites_own_id() -> None:
    assert post().id == post_id("bbs", "pid:22") == identify("bbs", "pid:22") == "117cbc4bfc398fd85c89366c3e5ea5fa"
    assert post().thread_id == post_id("bbs", "pid:1")
    assert post(replace(PLAIN, parent="pid:7")).parent_id == post_id("bbs", "pid:7")


def test_times_are_in_whole_milliseconds_so_that_a_post_equals_itself_when_read_back() -> None:
    made = post(replace(PLAIN, published_at=NOW, published_precision=Precision.SECOND))
    assert made.published_at == made.counted_at == made.charted_at == NOW.replace(microsecond=123000)
    assert POSTS.decode(POSTS.encode(made)) == made


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\u2028b\u2029c\x85d\x0be\x0cf\r\ng\rh", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("半\ud800截", "半\ufffd截"),
        ("\ud83d\ude21", "😡"),
        ("一家人👩‍👩‍👧在", "一家人👩‍👩‍👧在"),
        ("👍🏽❤️🇨🇳1️⃣", "👍🏽❤️🇨🇳1️⃣"),
        ("停\u200b电\u200d了\u2060\ufeff", "停电了"),
        ("\u202e了电停\u202c", "了电停"),
        ("e\u0301", "é"),
        ("a\x00b\x1bc\x7f\x9b", "abc"),
        ("a\tb", "a\tb"),
        ("行尾  \n\n\n\n\n下一段", "行尾\n\n下一段"),
        ("价格\xa05元", "价格 5元"),
        (f"旗{ENGLAND}\u200b", f"旗{ENGLAND}"),
        ("字\U000e0041\U000e0042", "字"),
        ("ﷺ[CLS]<b>", "ﷺ[CLS]<b>"),
    ],
)  # fmt: skip
def test_text_is_normalised_to_what_a_reader_sees(raw: str, kept: str) -> None:
    assert normalise(raw) == kept


@given(ANY_TEXT)
@example("e\u0301\u200d👩")
@example("a" + "\u0301" * 40)
def test_normalised_text_is_valid_composed_free_of_controls_and_stays_as_it_is(raw: str) -> None:
    kept = normalise(raw)
    kept.encode("utf-8")
    assert is_normalized("NFC", kept)
    assert not [character for character in kept if category(character) == "Cc" and character not in "\n\t"]
    assert normalise(kept) == kept


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_text_raises_and_every_post_can_be_sent(native_id: str, title: str, text: str, url: str) -> None:
    made = post(Observation(native_id=native_id, kind=Kind.STATUS, thread=native_id, title=title, text=text, url=url,
                         author=title, board=text))  # fmt: skip
    assert POSTS.decode(POSTS.encode(made)) == made


def test_hostile_lengths_take_no_time() -> None:
    assert len(normalise("e" + "\u0301" * 300_000)) <= 9
    assert normalise(" " * 300_000) == ""
    assert normalise("\u200d" * 300_000) == ""


def test_a_long_text_is_cut_between_characters_that_a_reader_sees() -> None:
    made = post(replace(PLAIN, text="哈👩‍👩‍👧" * 30_000))
    assert made.truncated
    assert MAX_TEXT - 6 < len(made.text) <= MAX_TEXT
    assert made.text.endswith(("哈", "👩‍👩‍👧"))
    assert not post(replace(PLAIN, text="哈" * MAX_TEXT)).truncated


def test_a_grapheme_that_is_longer_than_the_limit_is_cut_all_the_same() -> None:
    assert len(cut("👩" + "\u200d👩" * 50, 20)) <= 20


def test_a_title_is_one_line() -> None:
    assert line("停电\r\nBcc: all@example.com\u2028了", 300) == "停电 Bcc: all@example.com 了"
    assert len(post(replace(PLAIN, title="长" * 5000)).title) == 300


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"),
        ("HTTP://example.com/a b", "http://example.com/a%20b"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("/thread-1-1-1.html", ""),
        ("http://[::1", ""),
        ("http://user:secret@example.com/", ""),
        ("http://example.com/" + "a" * MAX_URL, ""),
        ("", ""),
    ],
)
def test_only_addresses_of_web_pages_are_kept(raw: str, kept: str) -> None:
    assert web_address(raw) == kept


@pytest.mark.parametrize(("told", "kept"), [(0, 0), (12, 12), (-1, None), (10**13, None), (None, None)])
def test_absurd_counters_are_unknown(told: int | None, kept: int | None) -> None:
    assert post(replace(PLAIN, counts=Counts(views=told))).counts == Counts(views=kept)


def test_one_author_is_one_voice_for_a_month_of_a_site() -> None:
    def voice(author: str | None, day: datetime = NOW, **changes: Any) -> str | None:
        seen = replace(PLAIN, author=author, published_at=day, published_precision=Precision.SECOND)
        return post(seen, **changes).voice

    assert voice("7") == voice("7", NOW - timedelta(days=3))
    assert voice("7") not in (None, voice("8"), voice("7", NOW + timedelta(days=30)), voice("7", site="other"))


def test_the_anonymous_of_one_thread_are_one_voice() -> None:
    first, second = replace(PLAIN, native_id="pid:30"), replace(PLAIN, native_id="pid:31", author="\u200b")
    assert post(first).voice == post(second).voice
    assert post(first).voice != post(replace(first, thread="pid:2")).voice
    assert post(first).voice != post(replace(first, author="pid:1")).voice


def test_an_internal_channel_keeps_no_voice() -> None:
    assert post(replace(PLAIN, author="7"), keep_voice=False).voice is None


def test_a_post_of_now_counts_by_its_own_time_and_an_old_one_does_not() -> None:
    fresh = replace(PLAIN, published_at=NOW - timedelta(hours=2), published_precision=Precision.MINUTE)
    assert post(fresh).counted_at == post(fresh).published_at
    assert post(fresh, counts_now=False).counted_at is None
    old = replace(fresh, published_at=NOW - timedelta(days=2))
    assert (post(old).counted_at, post(old).charted_at) == (None, post(old).published_at)


@pytest.mark.parametrize("year", [1, 1969, 1970, 2101, 9999])
def test_a_time_of_no_plausible_year_is_unknown_charted_as_seen_and_never_counts(year: int) -> None:
    made = post(replace(PLAIN, published_at=datetime(year, 1, 2, tzinfo=UTC), published_precision=Precision.SECOND))
    assert (made.published_at, made.published_precision) == (None, Precision.UNKNOWN)
    assert (made.counted_at, made.charted_at) == (None, made.first_seen_at)


def test_a_time_far_ahead_is_kept_but_neither_counts_nor_charts() -> None:
    made = post(replace(PLAIN, published_at=NOW + timedelta(days=400), published_precision=Precision.SECOND))
    assert made.published_at is not None
    assert (made.counted_at, made.charted_at) == (None, made.first_seen_at)


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(hours=8), timedelta(hours=24)])
def test_a_time_ahead_by_less_than_a_day_is_a_clock_or_a_zone_set_wrong_and_counts_when_seen(ahead: timedelta) -> None:
    made = post(replace(PLAIN, published_at=NOW + ahead, published_precision=Precision.SECOND))
    assert made.counted_at == made.first_seen_at


def test_a_post_without_a_time_counts_when_seen() -> None:
    made = post(PLAIN)
    assert made.counted_at == made.charted_at == made.first_seen_at
    assert understood(PLAIN)


def test_a_post_whose_time_nobody_understood_is_charted_when_seen_and_never_counted() -> None:
    odd = replace(PLAIN, unread_time="dies mercurii")
    made = post(odd)
    assert (made.published_at, made.counted_at, made.charted_at) == (None, None, made.first_seen_at)
    assert not understood(odd)


def test_a_post_whose_time_is_only_guessed_by_another_is_charted_by_that_and_never_counted() -> None:
    hour_ago = NOW - timedelta(hours=1)
    guessed = replace(PLAIN, unread_time="soon", published_at=hour_ago, published_precision=Precision.SECOND)
    made = post(guessed)
    assert (made.published_at, made.counted_at, made.charted_at) == (made.charted_at, None, made.published_at)
    assert made.charted_at == hour_ago.replace(microsecond=123000)


@given(
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(Precision),
    st.sampled_from(["", "odd"]),
    st.booleans(),
)
def test_what_counts_was_understood_and_near_when_it_was_seen(
    published_at: datetime | None, precision: Precision, unread: str, counts_now: bool
) -> None:
    seen = replace(PLAIN, published_at=published_at, published_precision=precision, unread_time=unread)
    counted = post(seen, counts_now=counts_now).counted_at
    if counted is not None:
        assert counts_now
        assert understood(seen)
        assert timedelta(0) <= NOW - counted + timedelta(minutes=5) <= timedelta(hours=24, minutes=6)


def test_very_long_ids_stay_two() -> None:
    assert (
        post(replace(PLAIN, native_id="entry:" + "x" * 5000)).id
        != post(replace(PLAIN, native_id="entry:" + "x" * 5001)).id
    )
    assert len(post(replace(PLAIN, native_id="entry:" + "x" * 5000)).native_id) < 400


@given(ANY_TEXT | st.integers(290, 400).map("x".__mul__))
def test_an_id_as_kept_is_kept_as_it_is(told: str) -> None:
    assert name_of(name_of(told)) == name_of(told)
    assert len(name_of(told)) <= MAX_NAME


@pytest.mark.parametrize(
    ("text", "is_text"),
    [
        ("停电了", True),
        ("停\ufffd了", True),  # one torn character is no reason to lose a post
        ("停电" * 50 + "\ufffd\ufffd\ufffd", True),
        ("\ufffd\ufffd电了", False),
        ("停电" * 40 + "\ufffd" * 5, False),
        ("", True),
        ("锟斤拷锟斤拷锟斤拷，停电了", False),
        ("什么是锟斤拷？", True),
    ],
)
def test_a_text_of_more_than_a_few_lost_characters_is_not_readable(text: str, is_text: bool) -> None:
    assert readable(replace(PLAIN, text=text)) is is_text
    assert readable(replace(PLAIN, title=text, text="")) is is_text


def test_a_long_title_is_read_no_further_than_it_can_be_kept() -> None:
    """Eight times its length: a page of a megabyte in its title is not normalised as a whole."""
    assert line("\u200b" * 2_000 + "停电", 300) == "停电"
    assert line("\u200b" * 2_400 + "停电", 300) == ""
    assert line(" 停 \t 电 ", 300) == "停 电"


@given(ANY_TEXT, st.integers(1, 30))
def test_what_is_cut_is_a_beginning_within_its_bound(text: str, most: int) -> None:
    kept = cut(text, most)
    assert len(kept) <= most
    assert text.startswith(kept)


@given(ANY_TEXT, st.integers(1, 30))
def test_a_title_is_one_line_within_its_bound_whatever_it_was(text: str, most: int) -> None:
    kept = line(text, most)
    assert len(kept) <= most
    assert kept == " ".join(kept.split())


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("https://例子.测试/停电", "https://xn--fsqu00a.xn--0zwm56d/%E5%81%9C%E7%94%B5"),
        ("https://a.example/x\u200by", "https://a.example/xy"),
        ("https://a.example/?q=%E5%81%9C", "https://a.example/?q=%E5%81%9C"),
        ("https://user@a.example/", ""),
        ("https:///a", ""),
        ("//a.example/", ""),
        ("ftp://a.example/", ""),
    ],
)
def test_an_address_is_kept_as_it_is_asked_for(raw: str, kept: str) -> None:
    assert web_address(raw) == kept


def test_an_address_of_just_bearable_length_is_kept() -> None:
    longest = "https://a.example/".ljust(MAX_URL, "x")
    assert (web_address(longest), web_address(longest + "x")) == (longest, "")


def test_an_edit_and_a_deletion_of_no_plausible_year_are_unknown() -> None:
    odd = datetime(1, 1, 2, tzinfo=UTC)
    made = post(replace(PLAIN, edited_at=odd), deleted_at=odd)
    assert (made.edited_at, made.deleted_at) == (None, None)
    made = post(replace(PLAIN, edited_at=NOW), deleted_at=NOW)
    assert (made.edited_at, made.deleted_at) == (NOW.replace(microsecond=123000),) * 2


def test_two_spellings_of_one_text_are_one_content_and_an_edited_word_is_another() -> None:
    assert (
        post(replace(PLAIN, text="停\u200b电了\r\n")).content_hash == post(replace(PLAIN, text="停电了")).content_hash
    )
    assert post(replace(PLAIN, text="来电了")).content_hash != post().content_hash
    assert post(replace(PLAIN, title="停电了", text="")).content_hash != post().content_hash


def test_an_id_with_blanks_or_marks_in_it_is_the_same_post() -> None:
    assert identify("bbs", " pid:\u200b22\n") == identify("bbs", "pid:22")
    assert identify("bbs", "pid:22") != identify("other", "pid:22")


def test_a_board_of_nothing_is_none_and_a_long_one_is_cut() -> None:
    assert post(replace(PLAIN, board=" \u200b ")).board is None
    assert post(replace(PLAIN, board="版" * (MAX_NAME + 9))).board == "版" * MAX_NAME


@given(ANY_TEXT)
def test_the_short_way_of_texts_with_nothing_unusual_leads_where_the_long_one_does(raw: str) -> None:
    assert normalise(f"\u200b{raw}") == normalise(raw)  # a mark that is taken out makes any text unusual


@given(st.from_regex(r"https?://[a-z0-9.-]{1,9}(:[0-9]{1,5})?/[A-Za-z0-9._~/?=&%;-]{0,20}", fullmatch=True))
@example("http://127.0.0.1:39211/forum.php?mod=redirect&goto=findpost&ptid=7&pid=70004")
@example("http://a.b/..?")
def test_an_address_with_nothing_to_escape_is_what_escaping_would_leave_of_it(url: str) -> None:
    kept = web_address(url)
    assert not kept or kept == safe_url_string(url)
