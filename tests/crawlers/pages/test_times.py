from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.pages.times import not_understood, plausible, read_time, says_a_time
from stream.messages import Precision
from stream.process.clock import SHANGHAI

AT = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)  # a Thursday, 14:34:21 in Shanghai

FORMS = [
    ("刚刚", "2026-11-19 14:34:21", "minute"),
    ("9\xa0分钟前", "2026-11-19 14:25:21", "minute"),
    ("１０ 分钟前", "2026-11-19 14:24:21", "minute"),
    ("30 秒前", "2026-11-19 14:33:51", "second"),
    ("半小时前", "2026-11-19 14:04:21", "day"),
    ("几分钟前", "2026-11-19 14:30:21", "day"),
    ("1\xa0小时前", "2026-11-19 13:34:21", "day"),
    ("15小时前", "2026-11-18 23:34:21", "day"),
    ("两个小时前", "2026-11-19 12:34:21", "day"),
    ("3 小時前", "2026-11-19 11:34:21", "day"),
    ("今天 08:15", "2026-11-19 08:15:00", "minute"),
    ("昨天\xa003:00", "2026-11-18 03:00:00", "minute"),
    ("昨天\xa023:58", "2026-11-18 23:58:00", "minute"),
    ("前天 12:30", "2026-11-17 12:30:00", "minute"),
    ("大前天 3:00", "2026-11-16 03:00:00", "minute"),
    ("昨天", "2026-11-18 00:00:00", "day"),
    ("昨晚8点", "2026-11-18 20:00:00", "minute"),
    ("今早8点半", "2026-11-19 08:30:00", "minute"),
    ("昨天凌晨2点15分", "2026-11-18 02:15:00", "minute"),
    ("中午12点", "2026-11-19 12:00:00", "minute"),
    ("周五下午3点", "2026-11-13 15:00:00", "minute"),
    ("周四下午3点", "2026-11-12 15:00:00", "minute"),
    ("周四上午9点", "2026-11-19 09:00:00", "minute"),
    ("上周五", "2026-11-13 00:00:00", "day"),
    ("星期日 9:00", "2026-11-15 09:00:00", "minute"),
    ("14:30", "2026-11-19 14:30:00", "minute"),
    ("14:50", "2026-11-18 14:50:00", "minute"),
    ("3\xa0天前", "2026-11-16 00:00:00", "day"),
    ("1周前", "2026-11-12 00:00:00", "day"),
    ("2年前", "2024-11-19 00:00:00", "day"),
    ("2026-5-27 16:52:05", "2026-05-27 16:52:05", "second"),
    ("发表于 2026-5-27 16:52:05", "2026-05-27 16:52:05", "second"),
    ("2026-11-7 14:30", "2026-11-07 14:30:00", "minute"),
    ("2026/11/7 下午2:30", "2026-11-07 14:30:00", "minute"),
    ("2026年11月7日 14时30分", "2026-11-07 14:30:00", "minute"),
    ("2026年11月7日", "2026-11-07 00:00:00", "day"),
    ("06-27", "2026-06-27 00:00:00", "day"),
    ("12-30 10:00", "2025-12-30 10:00:00", "minute"),
    ("20261107", "2026-11-07 00:00:00", "day"),
    ("20261107143000", "2026-11-07 14:30:00", "second"),
    ("2026-11-07T06:30:00Z", "2026-11-07 14:30:00", "second"),
    ("2026-11-07T06:30:00.123Z", "2026-11-07 14:30:00.123000", "second"),
    ("2026-11-07T06:30:00+00:00", "2026-11-07 14:30:00", "second"),
    ("2026-11-07T14:30:00", "2026-11-07 14:30:00", "second"),
    ("Tue Feb 23 12:28:47 +0800 2021", "2021-02-23 12:28:47", "second"),
    ("Thu Nov 19 14:34:00 CST 2026", "2026-11-19 14:34:00", "second"),
    ("Thu, 19 Nov 2026 06:34:00 GMT", "2026-11-19 14:34:00", "second"),
    ("Thu, 19 Nov 2026 14:34:00 +0800", "2026-11-19 14:34:00", "second"),
    ("Thu, 19 Nov 2026 14:34:00 +08:00", "2026-11-19 14:34:00", "second"),
    ("Thu, 19 Nov 2026 14:34 -0500", "2026-11-20 03:34:00", "minute"),
    ("Thu Nov 19 2026 14:34:00 GMT+0800 (中国标准时间)", "2026-11-19 14:34:00", "second"),
    ("Thu, 19 Nov 2026 14:34:00", "2026-11-19 14:34:00", "second"),
    ("1700000000", "2023-11-15 06:13:20", "second"),
    ("1700000000123", "2023-11-15 06:13:20.123000", "second"),
    ("2026-01-01 23:59:60", "2026-01-01 23:59:59", "second"),
]


@pytest.mark.parametrize(("text", "local", "precision"), FORMS)
def test_every_form_is_read_relative_to_the_servers_clock(text: str, local: str, precision: str) -> None:
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert read_time(text, AT) == (expected, Precision(precision))


# Spellings that were not understood, or understood otherwise, until somebody looked for more of each kind.
MORE_FORMS = [
    ("来源：人民网 2026-11-07 14:30", "2026-11-07 14:30:00", "minute"),
    ("来源：人民网 作者：张三 发布时间：2026年11月7日", "2026-11-07 00:00:00", "day"),
    ("新华网 2026-11-07 14:30", "2026-11-07 14:30:00", "minute"),
    ("提问时间：2026-11-07 14:30", "2026-11-07 14:30:00", "minute"),
    ("发布时间：[ 2026-11-07 ]", "2026-11-07 00:00:00", "day"),
    ("2026-11-07 14:30（已编辑）", "2026-11-07 14:30:00", "minute"),
    ("编辑于 11-07 上海", "2026-11-07 00:00:00", "day"),
    ("昨天 10:20 四川", "2026-11-18 10:20:00", "minute"),
    ("2026–11–07 14∶30", "2026-11-07 14:30:00", "minute"),
    ("民國115/11/07", "2026-11-07 00:00:00", "day"),
    ("115-11-07 14:30", "2026-11-07 14:30:00", "minute"),
    ("民国一百一十五年十一月七日", "2026-11-07 00:00:00", "day"),
    ("二o二六年十月廿八日", "2026-10-28 00:00:00", "day"),
    ("2026/11/7 上午12:05", "2026-11-07 00:05:00", "minute"),
    ("2026年11月7日晚上12点", "2026-11-08 00:00:00", "minute"),
    ("昨晚1点20", "2026-11-19 01:20:00", "minute"),
    ("昨天夜里2点", "2026-11-18 02:00:00", "minute"),
    ("昨晚11点", "2026-11-18 23:00:00", "minute"),
    ("11月7日上午", "2026-11-07 00:00:00", "day"),
    ("大约3小时前", "2026-11-19 11:34:21", "day"),
    ("1个半小时前", "2026-11-19 13:04:21", "day"),
    ("5分钟内", "2026-11-19 14:29:21", "minute"),
    ("片刻之前", "2026-11-19 14:34:21", "minute"),
    ("3d ago", "2026-11-16 00:00:00", "day"),
    ("5m", "2026-11-19 14:29:21", "minute"),
    ("2h", "2026-11-19 12:34:21", "day"),
    ("Nov 7 at 2:30 pm", "2026-11-07 14:30:00", "minute"),
    ("7 Dec", "2025-12-07 00:00:00", "day"),
    ("Sat,07 Nov 2026 14:30:00 GMT+8", "2026-11-07 14:30:00", "second"),
    ("Saturday, 07-Nov-26 06:30:00 GMT", "2026-11-07 14:30:00", "second"),
    ("2026-11-07 14:30:05 +0800 CST", "2026-11-07 14:30:05", "second"),
    ("20261107T063005Z", "2026-11-07 14:30:05", "second"),
    ("/Date(1700000000000+0800)/", "2023-11-15 06:13:20", "second"),
    ("1700000000000000", "2023-11-15 06:13:20", "second"),
    ("2026.11.07. 14:30", "2026-11-07 14:30:00", "minute"),
    ("2026. 11. 7. 14:30", "2026-11-07 14:30:00", "minute"),
    ("周六 11月 7, 2026 2:30 pm", "2026-11-07 14:30:00", "minute"),
    ("2026/11/07(Sat) 14:30:05", "2026-11-07 14:30:05", "second"),
    ("2026-11-07@14:30", "2026-11-07 14:30:00", "minute"),
    ("2026-11-07 at 2:30 PM", "2026-11-07 14:30:00", "minute"),
    ("2026-11-07 2:30 下午", "2026-11-07 14:30:00", "minute"),
    ("2026-11-07 14:30:05:120", "2026-11-07 14:30:05", "second"),
    ("2025-Nov-20", "2025-11-20 00:00:00", "day"),
    ("7 November 2026 - 02:30 PM", "2026-11-07 14:30:00", "minute"),
    ("7 Nov 2026 @ 14:30", "2026-11-07 14:30:00", "minute"),
    ("昨天 (11-18) 20:33", "2026-11-18 20:33:00", "minute"),
    ("前天（11月17日）", "2026-11-17 00:00:00", "day"),
    ("昨天 周三 20:33", "2026-11-18 20:33:00", "minute"),
    ("今早", "2026-11-19 00:00:00", "day"),
    ("本月7日 14:30", "2026-11-07 14:30:00", "minute"),
    ("上月28日", "2026-10-28 00:00:00", "day"),
    ("1.5 小时前", "2026-11-19 13:04:21", "day"),
    ("1分30秒前", "2026-11-19 14:32:51", "minute"),
    ("1个月零3天前", "2026-10-17 00:00:00", "day"),
    ("3 小时 12 分钟前", "2026-11-19 11:22:21", "minute"),
    ("about 2 hours ago", "2026-11-19 12:34:21", "day"),
    ("less than a minute ago", "2026-11-19 14:33:21", "minute"),
    ("2 days ago, 08:33 PM", "2026-11-17 20:33:00", "minute"),
    ("4h 12m ago", "2026-11-19 10:22:21", "minute"),
    ("1 hour, 5 minutes ago", "2026-11-19 13:29:21", "minute"),
    ("5 mins", "2026-11-19 14:29:21", "minute"),
    ("Wednesday at 8:33 PM", "2026-11-18 20:33:00", "minute"),
    ("Wed 20:33", "2026-11-18 20:33:00", "minute"),
    ("Last Friday", "2026-11-13 00:00:00", "day"),
]


@pytest.mark.parametrize(("text", "local", "precision"), MORE_FORMS)
def test_the_same_is_said_in_many_spellings(text: str, local: str, precision: str) -> None:
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert read_time(text, AT) == (expected, Precision(precision))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("来源：人民网 2026-11", "2026-11"),
        ("注册时间：2026-11-07", "注册时间:2026-11-07"),  # a time, and not the post's
        ("活动时间：2026-11-07", "活动时间:2026-11-07"),
        ("28-Nov-30", "28-nov-30"),
        ("2026年11月", "2026年11月"),  # a month alone is no first of it, and none is now
        ("2026年11月份", "2026年11月份"),
        ("二〇二六年十一月", "2026年11月"),
        ("2026/11", "2026/11"),
        ("11/2026", "11/2026"),
        ("Nov-26", "nov-26"),
        ("November 2026", "november 2026"),
        ("2026年", "2026年"),
        ("2026", "2026"),
        ("2026年上半年", "2026年上半年"),
        ("乙巳年腊月初八", "乙巳年腊月初八"),  # the old calendar's, which is no day of ours
        ("农历十月二十日", "农历10月20日"),
        ("2026年农历十月二十日", "2026年农历10月20日"),
        ("丙午年十月廿一", "丙午年10月二十一"),
        ("正月十五日", "正月15日"),
        ("昨天 (11-20) 20:33", "昨天 (11-20) 20:33"),  # two days
        ("10:20 12:00", "10:20 12:00"),
        ("本月30日", "本月30日"),  # is still to come
        ("本月31日", "本月31日"),
        ("2 hours ago, 08:33 PM", "2 hours ago, 08:33 pm"),
        ("10:20 农历十月二十", "10:20 农历10月二十"),
        ("2026-11-07 至 2026-11-09", "2026-11-07 至 2026-11-09"),
    ],
)
def test_a_time_of_something_else_or_in_part_is_not_understood(text: str, told: str) -> None:
    assert (read_time(text, AT)[0], not_understood(text, None)) == (None, told)


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "5", "02-29", "2026-02-29", "2026-13-01", "2026-01-01 25:00", "2026-01-01 12:61", "0000-01-01",
        "10000-01-01", "1969-12-30", "2101-01-02", "99999年前", "9999999999999", "2026-01-01 23:59:61", "昨天 99:99",
        "100万+", "x" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_time_is_unknown(text: str) -> None:
    assert read_time(text, AT) == (None, Precision.UNKNOWN)


def test_a_leap_day_without_a_year_is_the_last_one_that_was() -> None:
    assert read_time("02-29", datetime(2028, 3, 1, tzinfo=UTC))[0] == datetime(2028, 2, 29, tzinfo=SHANGHAI)


def test_the_sites_zone_decides_what_yesterday_is() -> None:
    late = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # one o'clock on the 19th in Shanghai
    assert read_time("昨天 23:58", late)[0] == datetime(2026, 11, 18, 15, 58, tzinfo=UTC)
    assert read_time("昨天 23:58", late, timezone(timedelta(0)))[0] == datetime(2026, 11, 17, 23, 58, tzinfo=UTC)


def test_a_time_slightly_ahead_of_the_server_is_still_today() -> None:
    assert read_time("14:36", AT)[0] == datetime(2026, 11, 19, 6, 36, tzinfo=UTC)


@given(st.text(alphabet="0123456789-:/. 年月日时分秒前昨今大半几周上下午天TZ+GMT", max_size=40) | st.text(max_size=90))
@example("-9999-99-99 99:99:99")
@example("²³-١٢ 12:30")
def test_no_text_raises_and_every_time_is_plausible_and_utc(text: str) -> None:
    moment, precision = read_time(text, AT)
    assert (moment is None) == (precision is Precision.UNKNOWN)
    assert moment is None or (moment.tzinfo is UTC and plausible(moment))


# -- round trips: whatever a site writes in one of its forms is read as the moment that it wrote

LOCAL = st.datetimes(datetime(1971, 1, 2), datetime(2099, 12, 30)).map(
    lambda m: m.replace(microsecond=0, tzinfo=SHANGHAI)
)
RECENT = st.integers(0, 360 * 24 * 3600).map(lambda seconds: (AT - timedelta(seconds=seconds)).astimezone(SHANGHAI))
SPACE = st.sampled_from(["", " ", "\xa0", "\u3000"])
ENGLISH = ["%a, %d %b %Y %H:%M:%S +0800", "%a %b %d %H:%M:%S +0800 %Y", "%d %B %Y %H:%M:%S +08:00",
           "%a, %d %b %Y %H:%M:%S GMT+0800 (CST)"]  # fmt: skip
SECONDS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒",
           "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00", "%Y-%m-%d %H:%M:%S +0800", "%Y%m%d%H%M%S",
           *ENGLISH]  # fmt: skip
MINUTES = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H点%M分", "%Y年%m月%d日%H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d, %H:%M"]
DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y年%m月%d号"]
PREFIXES = ["", "发表于 ", "發表於", "最后回复于 ", "更新时间：", "编辑于 ", "  ", "Posted on ", "3楼 ", "楼主 发表于 "]


@given(LOCAL, st.sampled_from(SECONDS), st.sampled_from(PREFIXES))
def test_a_full_time_is_read_to_the_second(moment: datetime, form: str, prefix: str) -> None:
    assert read_time(prefix + moment.strftime(form), AT) == (moment, Precision.SECOND)


@given(LOCAL, st.sampled_from(MINUTES), st.sampled_from(PREFIXES))
def test_a_time_without_seconds_is_read_to_the_minute(moment: datetime, form: str, prefix: str) -> None:
    assert read_time(prefix + moment.strftime(form), AT) == (moment.replace(second=0), Precision.MINUTE)


@given(LOCAL, st.sampled_from(DAYS), st.sampled_from(PREFIXES))
def test_a_date_alone_is_its_local_midnight(moment: datetime, form: str, prefix: str) -> None:
    midnight = moment.replace(hour=0, minute=0, second=0)
    assert read_time(prefix + moment.strftime(form), AT) == (midnight, Precision.DAY)


@given(LOCAL, SPACE)
def test_numbers_need_no_leading_zeros(moment: datetime, space: str) -> None:
    told = f"{moment.year}-{moment.month}-{moment.day} {moment.hour}:{moment.minute}:{moment.second}"
    assert read_time(f"发表于{space}{told}", AT) == (moment, Precision.SECOND)


@given(LOCAL)
def test_an_offset_counts_for_more_than_the_sites_zone(moment: datetime) -> None:
    for told in (moment.isoformat(), moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")):
        assert read_time(told, AT, timezone(timedelta(hours=-5))) == (moment, Precision.SECOND)


@given(LOCAL.filter(lambda moment: moment.timestamp() >= 10**9))
def test_an_epoch_is_read_in_seconds_and_in_milliseconds(moment: datetime) -> None:
    seconds = int(moment.timestamp())
    assert read_time(str(seconds), AT) == (moment, Precision.SECOND)
    assert read_time(f"{seconds}250", AT) == (moment + timedelta(milliseconds=250), Precision.SECOND)


NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)  # a Saturday, 12:00 in Shanghai
AROUND = [
    ("2026年11月7日（农历九月廿九）", "2026-11-07 00:00:00", "day"),
    ("2026年11月7日 星期六 农历丙午年九月廿九", "2026-11-07 00:00:00", "day"),
    ("2026年11月28日 星期六 10:20", "2026-11-28 10:20:00", "minute"),
    ("2026-11-28 周六 10:20:33", "2026-11-28 10:20:33", "second"),
    ("2026年11月28日（星期六）上午10:20", "2026-11-28 10:20:00", "minute"),
    ("2026/11/28 (六) 下午 02:26:26", "2026-11-28 14:26:26", "second"),
    ("星期六, 28 十一月 2026 10:20:00 +0800", "2026-11-28 10:20:00", "second"),
    ("2026-11-28 10:20 来自 iPhone客户端", "2026-11-28 10:20:00", "minute"),
    ("3分钟前 来自微博网页版", "2026-11-28 11:57:00", "minute"),
    ("2 小时前发布", "2026-11-28 10:00:00", "day"),
    ("发布时间：2026-11-28 10:20", "2026-11-28 10:20:00", "minute"),
    ("时间：2026-11-28 10:20:00　来源：临江日报", "2026-11-28 10:20:00", "second"),
    ("来电时间", None, "unknown"),
    ("编辑于 2026-11-27・IP 属地北京", "2026-11-27 00:00:00", "day"),
    ("本帖最后由 甲 于 2026-11-28 10:20 编辑", "2026-11-28 10:20:00", "minute"),
    ("去年 12-03 08:15", "2025-12-03 08:15:00", "minute"),
    ("去年12月3日", "2025-12-03 00:00:00", "day"),
    ("前年5月20日", "2024-05-20 00:00:00", "day"),
    ("今年 1-3", "2026-01-03 00:00:00", "day"),
    ("2026.11.28.", "2026-11-28 00:00:00", "day"),
    ("2026-11-28T10:20:00+08:00[Asia/Shanghai]", "2026-11-28 10:20:00", "second"),
    ("2026-11-28 24:00", "2026-11-29 00:00:00", "minute"),
    ("2026-12-31 24:00:00", "2027-01-01 00:00:00", "second"),
    ("20261128 1020", "2026-11-28 10:20:00", "minute"),
    ("20261128 10:20:33", "2026-11-28 10:20:33", "second"),
    ("二〇二六年十一月二十八日", "2026-11-28 00:00:00", "day"),
    ("二零二六年十月三十日上午十时二十分", "2026-10-30 10:20:00", "minute"),
    ("十一月三日 8:05", "2026-11-03 08:05:00", "minute"),
    ("二十分钟前", "2026-11-28 11:40:00", "minute"),
    ("1小时30分钟前", "2026-11-28 10:30:00", "minute"),
    ("1天3小时前", "2026-11-27 09:00:00", "day"),
    ("3天前 08:15", "2026-11-25 08:15:00", "minute"),
    ("民国115年11月28日", "2026-11-28 00:00:00", "day"),
    ("26-11-28 10:20", "2026-11-28 10:20:00", "minute"),
    ("25年3月1日", "2025-03-01 00:00:00", "day"),
    ("11/28/2026 10:20 AM", "2026-11-28 10:20:00", "minute"),
    ("11-08-2026, 06:33 PM", "2026-11-08 18:33:00", "minute"),
    ("28.11.2026", "2026-11-28 00:00:00", "day"),
    ("Nov. 28, 2026", "2026-11-28 00:00:00", "day"),
    ("28 Nov 2026", "2026-11-28 00:00:00", "day"),
    ("Saturday, 28 November 2026 10:20", "2026-11-28 10:20:00", "minute"),
    ("September 1st, 2026 at 9:05 pm", "2026-09-01 21:05:00", "minute"),
    ("Today, 9:00 AM", "2026-11-28 09:00:00", "minute"),
    ("Yesterday, 03:00 PM", "2026-11-27 15:00:00", "minute"),
    ("9 hours ago", "2026-11-28 03:00:00", "day"),
    ("5 minutes ago", "2026-11-28 11:55:00", "minute"),
    ("a month ago", "2026-10-29 00:00:00", "day"),
    ("前", None, "unknown"),
]


@pytest.mark.parametrize(("text", "local", "precision"), AROUND)
def test_what_stands_around_a_time_and_the_order_of_its_parts_hide_it_from_nobody(
    text: str, local: str | None, precision: str
) -> None:
    expected = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI) if local else None
    assert read_time(text, NOON) == (expected, Precision(precision))


@pytest.mark.parametrize(
    ("text", "at", "local"),
    [
        ("11-29 00:03", "2026-11-28 23:58", "2026-11-29 00:03"),
        ("11-29", "2026-11-28 23:57", "2026-11-29 00:00"),
        ("01-01 00:02", "2026-12-31 23:59", "2027-01-01 00:02"),
        ("11-29 00:03", "2026-11-28 12:00", "2025-11-29 00:03"),
        ("02-29 00:01", "2028-02-28 23:58", "2028-02-29 00:01"),
    ],
)
def test_a_page_made_past_midnight_by_a_clock_ahead_of_the_servers_is_not_last_years(
    text: str, at: str, local: str
) -> None:
    moment, _ = read_time(text, datetime.fromisoformat(at).replace(tzinfo=SHANGHAI))
    assert moment == datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "at", "local"),
    [
        ("周日 00:02", "2026-11-28 23:58", "2026-11-29 00:02"),
        ("Sunday at 00:02", "2026-11-28 23:58", "2026-11-29 00:02"),
        ("周日 00:02", "2026-11-28 12:00", "2026-11-22 00:02"),
        ("周日 10:00", "2026-11-28 23:58", "2026-11-22 10:00"),
        ("周日", "2026-11-28 23:58", "2026-11-22 00:00"),  # a week's Sunday sooner than one of a minute
        ("周六 23:59", "2026-11-28 23:58", "2026-11-28 23:59"),
        ("周六 23:59", "2026-11-29 00:01", "2026-11-28 23:59"),
        ("上周日 00:02", "2026-11-28 23:58", "2026-11-22 00:02"),
    ],
)
def test_a_weekday_just_past_midnight_is_not_last_weeks(text: str, at: str, local: str) -> None:
    moment, _ = read_time(text, datetime.fromisoformat(at).replace(tzinfo=SHANGHAI))
    assert moment == datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)


@given(
    LOCAL,
    st.sampled_from(
        [
            "来自 微博网页版",
            "来源：临江日报",
            "发布",
            "更新",
            "左右",
            "IP属地：北京",
            "阅读 35",
            ".",
            "3楼",
            "只看该作者",
        ]
    ),
)
def test_whatever_stands_behind_a_time_it_is_the_same_time(moment: datetime, behind: str) -> None:
    assert read_time(f"{moment:%Y-%m-%d %H:%M} {behind}", AT) == (moment.replace(second=0), Precision.MINUTE)


@given(LOCAL)
def test_chinese_numerals_say_the_same_day_as_digits(moment: datetime) -> None:
    def numeral(number: int) -> str:
        ten, one = divmod(number, 10)
        tens = "" if not ten else "十" if ten == 1 else f"{'〇一二三四五六七八九'[ten]}十"
        return tens + ("〇一二三四五六七八九"[one] if one else "")

    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(moment.year))
    told = f"{year}年{numeral(moment.month)}月{numeral(moment.day)}日"
    assert read_time(told, AT) == (moment.replace(hour=0, minute=0, second=0), Precision.DAY)


@given(st.integers(0, 59), SPACE, st.sampled_from(["分钟前", "分鐘前", "分钟之前"]))
def test_minutes_ago_are_counted_back_from_the_servers_clock(amount: int, space: str, unit: str) -> None:
    assert read_time(f"{amount}{space}{unit}", AT) == (AT - timedelta(minutes=amount), Precision.MINUTE)


@given(st.integers(1, 23), SPACE)
def test_hours_ago_are_no_better_than_a_day(amount: int, space: str) -> None:
    assert read_time(f"{amount}{space}小时前", AT) == (AT - timedelta(hours=amount), Precision.DAY)


@given(st.integers(1, 400), SPACE)
def test_days_ago_are_the_midnight_of_that_day(amount: int, space: str) -> None:
    midnight = AT.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    assert read_time(f"{amount}{space}天前", AT) == (midnight - timedelta(days=amount), Precision.DAY)


@given(RECENT)
def test_a_day_without_its_year_is_the_last_one_that_was(moment: datetime) -> None:
    expected = moment.replace(second=0)
    assert read_time(moment.strftime("%m-%d %H:%M"), AT) == (expected, Precision.MINUTE)
    assert read_time(moment.strftime("%m月%d日 %H:%M"), AT) == (expected, Precision.MINUTE)


@given(st.sampled_from([("今天", 0), ("昨天", 1), ("前天", 2), ("大前天", 3)]), st.times(), SPACE)
def test_a_named_day_is_counted_back_from_today(day: tuple[str, int], clock: time, space: str) -> None:
    name, back = day
    expected = datetime.combine(AT.astimezone(SHANGHAI) - timedelta(days=back), clock, SHANGHAI)
    assert read_time(f"{name}{space}{clock:%H:%M}", AT) == (expected.replace(second=0, microsecond=0), Precision.MINUTE)


@given(st.integers(1, 12), st.integers(0, 59), st.booleans())
def test_a_part_of_the_day_tells_morning_from_evening(hour: int, minute: int, late: bool) -> None:
    expected = hour % 12 + (12 if late else 0)
    moment, _ = read_time(f"昨天{'pm' if late else 'am'} {hour}:{minute:02}", AT)
    assert moment is not None
    assert (moment.astimezone(SHANGHAI).hour, moment.minute) == (expected, minute)


@given(LOCAL, st.sampled_from(SECONDS + MINUTES + DAYS), st.timedeltas(-timedelta(days=99), timedelta(days=99)))
def test_a_time_with_its_year_means_the_same_whenever_it_is_read(moment: datetime, form: str, later: timedelta) -> None:
    assert read_time(moment.strftime(form), AT) == read_time(moment.strftime(form), AT + later)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("发表于 2026年冬月初五", "2026年冬月初五"),
        ("Invalid Date", "invalid date"),
        ("Thu, 01 Jan 1970 08:00:00 +0800", "thu, 01 jan 1970 08:00:00 +0800"),
        ("1970-01-01 00:00:00", "1970-01-01 00:00:00"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", "mon, 01 jan 0001 00:00:00 +0000"),
        ("0001-01-01T00:00:00Z", "0001-01-01t00:00:00z"),
        ("03/04/2026", "03/04/2026"),
        ("28-11-26 10:20", "28-11-26 10:20"),
        ("来自 iPhone客户端", ""),
        ("2026-13-45 99:00", "2026-13-45 99:00"),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ("3026-11-19", "3026-11-19"),
        ("昨" * 400, "昨" * 80),
        ("", ""),
        (" \u3000", ""),
        ("发表于", ""),
        ("发表时间：", ""),
        ("—", ""),
        ("--:--", ""),
        ("N/A", ""),
        ("NULL", ""),
        ("不详", ""),
        ("nan", ""),
    ],
)
def test_words_that_mean_to_say_a_time_are_told_from_those_that_say_none(text: str, words: str) -> None:
    assert read_time(text, AT) == (None, Precision.UNKNOWN)
    assert not_understood(text, None) == words


@given(st.text(max_size=200))
def test_a_time_is_read_or_not_understood_or_not_said_and_never_two_of_them(text: str) -> None:
    moment, _ = read_time(text, AT)
    assert not_understood(text, moment) == ("" if moment else not_understood(text, None))
    assert len(not_understood(text, None)) <= 80


def test_words_are_a_time_or_none_whenever_they_are_read() -> None:
    assert all(map(says_a_time, ("2026-11-28 10:20", "3分钟前", "昨天", "15:05", "Nov 28")))
    assert not any(map(says_a_time, ("", "停水", "30 日元", "2026-13-01")))
