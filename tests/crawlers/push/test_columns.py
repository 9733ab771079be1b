from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.observation import Observation
from crawlers.push.columns import Columns, RowReader, read_count
from stream.errors import Rejected
from stream.messages import Counts, Kind, Precision
from stream.process.clock import SHANGHAI

NOW = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)
COLUMNS = Columns(
    text="内容", title="标题", id="编号", published_at="时间", author="作者", url="链接", board="版块", kind="类型",
    thread="主题", parent="上级", floor="楼层", views="阅读", replies="评论", likes="赞", reposts="转发",
)  # fmt: skip


def read(*rows: dict[str, Any], columns: Columns = COLUMNS) -> list[tuple[Observation, bool]]:
    reader = RowReader(columns, Kind.STATUS, SHANGHAI)
    return [reader.read(row, NOW)[:2] for row in rows]


def known_by(*rows: dict[str, Any]) -> list[tuple[str, bool, str]]:
    """Each row's id, whether it counts, and what is odd about it."""
    reader = RowReader(COLUMNS, Kind.STATUS, SHANGHAI)
    told = [reader.read({"时间": "2026-11-19 14:30"} | row, NOW) for row in rows]
    return [
        (row.observation.native_id.partition(":")[0], row.counts_now, row.odd[0].reason if row.odd else "")
        for row in told
    ]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("3456", 3456), ("1,234", 1234), ("1.2万", 12_000), ("100万+", 1_000_000), ("2.5亿", 250_000_000),
        ("3w", 30_000), ("1.5k", 1500), (" 7 ", 7), ("10W+", 100_000), ("999+", 999), ("0", 0),
        ("转发", None), ("", None), ("-3", None), ("万", None), ("1.2.3", None), ("9" * 40, None), ("٣", 3),
    ],
)  # fmt: skip
def test_counts_are_read_as_sites_write_them(words: str, number: int | None) -> None:
    assert read_count(words) == number


@given(st.text(max_size=30))
def test_no_count_raises(words: str) -> None:
    count = read_count(words)
    assert count is None or count >= 0


def test_a_full_row_becomes_an_observation_that_counts() -> None:
    row = {
        "内容": "停电了", "标题": "求助", "编号": 4567.0, "时间": "2026-11-19 14:30", "作者": "u7",
        "链接": "https://example.com/1", "版块": "民生", "类型": "评论", "主题": "88",
        "上级": "pid:3", "楼层": "12", "阅读": "1.2万", "评论": "3", "赞": None,
    }  # fmt: skip
    (observation, counts_now), = read(row)  # fmt: skip
    assert counts_now
    assert observation == Observation(
        native_id="comment:4567", kind=Kind.COMMENT, thread="thread:88", parent="pid:3", board="民生", floor=12,
        url="https://example.com/1", title="求助", text="停电了", author="u7",
        published_at=datetime(2026, 11, 19, 14, 30, tzinfo=SHANGHAI), published_precision=Precision.MINUTE,
        counts=Counts(views=12_000, replies=3),
    )  # fmt: skip


def test_a_row_without_an_id_is_known_by_its_text_and_how_often_it_came() -> None:
    found = read({"内容": "停电"}, {"内容": "来电"}, {"内容": " 停电 "})
    assert [observation.native_id for observation, _ in found] == [
        "text:de315176eb445f99:0",
        "text:ca1ce2545c3b8b3d:0",
        "text:de315176eb445f99:1",
    ]


@pytest.mark.parametrize("row", [{"编号": "1"}, {"时间": "2026-11-19 14:30"}, {}, {"编号": "1", "时间": "不详"}])
def test_a_row_without_an_id_or_a_time_never_counts_towards_a_spike(row: dict[str, Any]) -> None:
    ((_, counts_now),) = read(row | {"内容": "停电"})
    assert not counts_now


def test_ids_that_carry_their_kind_meet_what_was_crawled() -> None:
    assert read({"内容": "a", "编号": "pid:22"})[0][0].native_id == "pid:22"


@pytest.mark.parametrize(
    ("cell", "moment", "precision"),
    [
        (datetime(2026, 11, 19, 14, 30, 5), datetime(2026, 11, 19, 6, 30, 5, tzinfo=UTC), Precision.SECOND),
        (datetime(2026, 11, 19), datetime(2026, 11, 18, 16, tzinfo=UTC), Precision.DAY),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), Precision.SECOND),
        ("Tue Feb 23 12:28:47 +0800 2021", datetime(2021, 2, 23, 4, 28, 47, tzinfo=UTC), Precision.SECOND),
        (True, None, Precision.UNKNOWN),
        (None, None, Precision.UNKNOWN),
    ],
)
def test_times_come_as_cells_or_words(cell: object, moment: datetime | None, precision: Precision) -> None:
    ((observation, _),) = read({"内容": "a", "时间": cell})
    assert (observation.published_at, observation.published_precision) == (moment, precision)


@pytest.mark.parametrize(
    ("cell", "unread"),
    [
        (None, ""),
        ("", ""),
        ("不详", ""),
        (float("nan"), ""),
        ("2026-11-19", ""),
        (datetime(2026, 11, 19), ""),
        ("2026年冬月", "2026年冬月"),
        (46345.5, ""),
        (12345.5, "12345.5"),  # of 1933: no day that a post can be of
        ("1970-01-01", "1970-01-01"),
        ({"sec": 1}, "{'sec': 1}"),
        (True, "true"),
    ],
)
def test_a_cell_with_a_time_that_nobody_understands_is_told_from_one_without(cell: object, unread: str) -> None:
    ((observation, _),) = read({"内容": "a", "时间": cell})
    assert observation.unread_time == unread


@pytest.mark.parametrize(
    "cell",
    [
        "9:30", "09:30:15", time(9, 30), timedelta(hours=9), timedelta(days=1, hours=9), "15：05", "15时05分",
        "下午3:05", "3:05 PM", "刚刚", "3分钟前", "半小时前", "15小时前", "昨天", "周三 10:00",
    ],
)  # fmt: skip
def test_a_time_without_its_day_is_not_understood_in_a_file(cell: object) -> None:
    """The day stands in another column, or is counted from when the file was made: not that of the import."""
    ((observation, counts_now),) = read({"内容": "a", "编号": "1", "时间": cell, "编辑时间": cell})
    assert (observation.published_at, bool(observation.unread_time), counts_now) == (None, True, False)
    assert observation.edited_at is None


def test_a_dot_steps_into_an_object() -> None:
    columns = Columns(text="mblog.text", author="mblog.user.id", views="a.b")
    ((observation, _),) = read({"mblog": {"text": "停电", "user": {"id": 7}}, "a": 1}, columns=columns)
    assert (observation.text, observation.author, observation.counts.views) == ("停电", "7", None)


def test_the_quote_that_guards_a_spreadsheet_cell_is_not_text() -> None:
    ((observation, _),) = read({"内容": "'=1+1", "编号": "'00123"})
    assert (observation.text, observation.native_id) == ("=1+1", "status:00123")


@pytest.mark.parametrize("cell", ["", "  ", None, [], {"a": 1}])
def test_a_row_without_words_is_rejected(cell: object) -> None:
    with pytest.raises(Rejected, match="empty"):
        read({"内容": cell, "编号": "1"})


def test_an_id_that_comes_again_with_other_words_is_none() -> None:
    assert known_by({"编号": "1", "内容": "停电"}, {"编号": "1", "内容": "来电"}, {"编号": "1", "内容": "停电 "}) == [
        ("status", True, ""),
        ("text", False, "id_twice"),
        ("status", True, ""),
    ]


@pytest.mark.parametrize("nothing", ["null", "N/A", "#N/A", "无", "-", "0", "-1", "NaN", "——"])
def test_a_word_for_having_no_id_is_none_nor_is_it_a_thread_or_a_parent(nothing: str) -> None:
    assert known_by({"编号": nothing, "内容": "停电"}) == [("text", False, "")]
    ((observation, _),) = read({"编号": "7", "内容": "停电", "主题": nothing, "上级": nothing, "作者": nothing})
    assert (observation.thread, observation.parent, observation.author) == ("status:7", None, None)


def test_an_id_that_pandas_made_a_float_of_is_the_one_that_it_was() -> None:
    one, other = read({"编号": "123.0", "内容": "停电", "上级": "12.0"}, {"编号": "123", "内容": "停电"})
    assert one[0].native_id == other[0].native_id == "status:123"
    assert one[0].parent == "status:12"


@pytest.mark.parametrize("squeezed", ["4.95E+15", 4.95e15, 2.0**60, "495012345678901000"])
def test_an_id_that_a_spreadsheet_cut_short_is_none_and_the_row_goes_in_under_its_words(squeezed: object) -> None:
    assert known_by({"编号": squeezed, "内容": "停电"}, {"编号": squeezed, "内容": "来电"}) == [
        ("text", False, "id_cut_short"),
        ("text", False, "id_cut_short"),
    ]


@pytest.mark.parametrize("mark", ["...全文： http://m.weibo.cn/1/2", "…全文", "展开全文", "...展开"])
def test_a_text_that_weibo_cut_is_its_beginning_and_told_beside_what_is_odd_about_the_id(mark: str) -> None:
    reader = RowReader(COLUMNS, Kind.STATUS, SHANGHAI)
    row = reader.read({"内容": f"今晚检修{mark}", "编号": "1"}, NOW)
    assert (row.observation.text, row.observation.cut) == ("今晚检修…", True)
    assert [(one.reason, one.taken) for one in row.odd] == [("text_cut_short", True)]
    both = reader.read({"内容": f"明晚检修{mark}", "编号": "1"}, NOW)
    assert [one.reason for one in both.odd] == ["id_twice", "text_cut_short"]
    assert both.observation.native_id.startswith("text:")
    assert not reader.read({"内容": "今晚检修，请备好照明", "编号": "2"}, NOW).observation.cut


def test_the_whole_of_a_text_that_an_earlier_row_has_cut_is_the_same_post() -> None:
    reader = RowReader(COLUMNS, Kind.STATUS, SHANGHAI)
    told = [
        reader.read({"内容": words, "编号": "1"}, NOW)
        for words in ("今晚检修…全文", "今晚检修，请备好照明", "今晚检修，请备好照明", "今晚检修，改期了")
    ]
    assert [row.observation.native_id.partition(":")[0] for row in told] == ["status"] * 3 + ["text"]
    assert [[one.reason for one in row.odd] for row in told] == [["text_cut_short"], [], [], ["id_twice"]]


def test_a_thread_or_a_writer_whose_id_was_cut_short_is_not_that_of_many() -> None:
    ((observation, _),) = read({"内容": "停电", "编号": "1", "主题": 4.95e17, "上级": "4.95E+15", "作者": "1.2E+09"})
    assert (observation.thread, observation.parent, observation.author) == ("status:1", None, None)


def test_a_link_in_a_cell_is_its_words_and_in_the_column_of_addresses_where_it_leads() -> None:
    link = '=HYPERLINK("https://bbs.example.com/t/1","幸福里停电")'
    ((observation, _),) = read({"内容": link, "编号": '="0012"', "链接": link})
    assert (observation.text, observation.native_id) == ("幸福里停电", "status:0012")
    assert observation.url == "https://bbs.example.com/t/1"


def test_a_row_of_lost_characters_is_no_post() -> None:
    with pytest.raises(Rejected, match="unreadable"):
        read({"内容": "\ufffd\ufffd停\ufffd", "编号": "1"})


def test_a_key_with_a_dot_in_it_is_believed_before_the_path_that_it_spells() -> None:
    columns = Columns(text="user.text")
    ((observation, _),) = read({"user.text": "停电", "user": {"text": "来电"}}, columns=columns)
    assert observation.text == "停电"
    ((observation, _),) = read({"user": {"text": "来电"}}, columns=columns)
    assert observation.text == "来电"


@pytest.mark.parametrize(
    ("word", "kind"),
    [("微博", Kind.STATUS), ("转发", Kind.STATUS),
     ("跟帖", Kind.REPLY), ("Article", Kind.ARTICLE), ("公众号", Kind.ARTICLE),
     (" 投诉 ", Kind.SUGGESTION), ("视频", Kind.STATUS), (7, Kind.STATUS), (None, Kind.STATUS)],
)  # fmt: skip
def test_a_row_is_of_the_kind_it_names_and_else_of_that_of_its_source(word: object, kind: Kind) -> None:
    ((observation, _),) = read({"内容": "a", "编号": "1", "类型": word})
    assert (observation.kind, observation.native_id) == (kind, f"{kind}:1")


def test_a_parent_is_of_the_rows_own_kind_and_a_thread_is_a_thread() -> None:
    ((observation, _),) = read({"内容": "a", "编号": "1", "类型": "评论", "主题": "7", "上级": "3"})
    assert (observation.thread, observation.parent) == ("thread:7", "comment:3")


def test_an_id_that_is_an_address_is_that_address_and_a_clock_is_no_kind() -> None:
    first, second = read({"内容": "a", "编号": "https://a.example/1"}, {"内容": "b", "编号": "12:30"})
    assert (first[0].native_id, second[0].native_id) == ("https://a.example/1", "status:12:30")


def test_one_number_under_two_kinds_is_two_posts_and_hides_no_words() -> None:
    assert known_by({"编号": "1", "内容": "停电", "类型": "微博"}, {"编号": "1", "内容": "来电", "类型": "评论"}) == [
        ("status", True, ""),
        ("comment", True, ""),
    ]


def test_a_title_that_changed_under_an_id_is_other_words() -> None:
    assert [
        odd for *_, odd in known_by({"编号": "1", "内容": "a", "标题": "x"}, {"编号": "1", "内容": "a", "标题": "y"})
    ] == [
        "",
        "id_twice",
    ]


def test_a_row_of_a_title_alone_is_known_by_it() -> None:
    (first, _), (second, _) = read({"标题": "停电"}, {"内容": "停电"})
    assert (first.native_id.split(":")[1], first.text) == (second.native_id.split(":")[1], "")


def test_a_time_with_a_zone_keeps_it_and_an_edit_has_its_own() -> None:
    columns = Columns(text="t", published_at="p", edited_at="e")
    at = datetime(2026, 11, 19, 6, 30, tzinfo=UTC)
    ((observation, _),) = read({"t": "a", "p": at, "e": "2026-11-19 14:45"}, columns=columns)
    assert (observation.published_at, observation.published_precision) == (at, Precision.SECOND)
    assert observation.edited_at == datetime(2026, 11, 19, 6, 45, tzinfo=UTC)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.datetimes()


@given(st.dictionaries(st.sampled_from(["内容", "标题", "编号", "时间", "楼层", "链接", "主题", "阅读"]), VALUES))
def test_no_cell_breaks_a_row(cells: dict[str, Any]) -> None:
    try:
        ((observation, counts_now),) = read(cells)
    except Rejected:
        return
    assert observation.native_id
    assert observation.thread
    assert not counts_now or observation.published_at is not None


BY_LINK = Columns(text="正文", title="标题", published_at="时间", url="链接")
AT = {"时间": "2026-11-19 14:30"}


def linked(*rows: dict[str, Any], kind: Kind = Kind.STATUS, columns: Columns = BY_LINK) -> list[tuple[str, bool, int]]:
    """Each row's id, whether it counts, and how much is odd about it."""
    reader = RowReader(columns, kind, SHANGHAI)
    told = [reader.read(AT | row, NOW) for row in rows]
    return [(row.observation.native_id.partition(":")[2], row.counts_now, len(row.odd)) for row in told]


@pytest.mark.parametrize(
    "link", ["https://x.cn/1?a=2", "http://X.cn:80/1?a=2&utm_source=app", '=HYPERLINK("http://x.cn/1?a=2")']
)
def test_a_row_of_a_file_without_ids_is_known_by_its_link_however_that_is_written(link: str) -> None:
    assert linked({"正文": "停水", "链接": link}) == [("x.cn/1?a=2", True, 0)]


@pytest.mark.parametrize("other", [{"正文": "停电"}, {"正文": "停水", "时间": "2026-11-19 14:31"}])
def test_of_rows_with_one_link_the_first_alone_is_known_by_it_and_none_is_odd(other: dict[str, Any]) -> None:
    first, second = linked({"正文": "停水", "链接": "http://x.cn/1"}, {"链接": "http://x.cn/1"} | other)
    assert (first, second[1:]) == (("x.cn/1", True, 0), (False, 0))


@pytest.mark.parametrize("row", [{"链接": "见附件"}, {"链接": ""}, {"链接": "http://x.cn/1", "时间": ""}])
def test_what_is_no_link_or_has_no_time_is_known_by_its_words(row: dict[str, Any]) -> None:
    (known_by_words,) = linked({"正文": "停水"} | row)
    assert known_by_words[0].endswith(":0")
    assert known_by_words[1:] == (False, 0)


def test_a_comments_link_and_a_link_beside_ids_are_no_ids() -> None:
    row = {"正文": "停水", "内容": "停水", "链接": "http://x.cn/1", "编号": ""}
    assert [counts for _, counts, _ in linked(row, kind=Kind.COMMENT)] == [False]
    assert [counts for _, counts, _ in linked(row, columns=COLUMNS)] == [False]


def test_the_same_words_at_another_time_are_another_post_and_at_the_same_time_the_same_one() -> None:
    morning, noon = {"内容": "停水", "时间": "2026-11-19 09:30"}, {"内容": "停水", "时间": "2026-11-19 12:00"}
    (one, _), (other, _) = read(morning, noon)
    assert one.native_id != other.native_id
    assert [shown.native_id for shown, _ in read(noon, morning)] == [other.native_id, one.native_id]
    assert len({shown.native_id for shown, _ in read(morning, morning)}) == 2


def test_a_text_in_markup_has_the_id_that_it_had_as_it_stood() -> None:
    ((plain, _), (marked, _)) = read({"内容": "停水了"}, {"标题": "<b>求助</b>", "内容": "<p>停水了</p>"})
    assert (marked.title, marked.text) == ("求助", "停水了")
    assert marked.native_id.partition(":")[2] != plain.native_id.partition(":")[2]
