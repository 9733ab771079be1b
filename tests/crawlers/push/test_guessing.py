import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_load

from crawlers.push.columns import Columns
from crawlers.push.guessing import guess, told
from crawlers.push.rows import sayable
from stream.errors import Rejected

# Headers of exports as people hand them in, and what is meant.
EXPORTS = [
    (
        ["微博id", "微博正文", "发布时间", "用户id", "用户昵称", "点赞数", "评论数", "转发数", "发布工具"],
        Columns(
            text="微博正文",
            id="微博id",
            published_at="发布时间",
            author="用户id",
            likes="点赞数",
            replies="评论数",
            reposts="转发数",
        ),
        ("用户昵称", "发布工具"),
    ),
    (
        ["工单编号", "诉求标题", "诉求内容", "来电时间", "来电人", "联系电话", "办理结果"],
        Columns(text="诉求内容", id="工单编号", title="诉求标题", published_at="来电时间", author="来电人"),
        ("联系电话", "办理结果"),
    ),
    (
        ["吧名", "帖子标题", "帖子内容", "楼层", "发帖时间", "作者", "帖子链接"],
        Columns(
            text="帖子内容",
            title="帖子标题",
            board="吧名",
            floor="楼层",
            published_at="发帖时间",
            author="作者",
            url="帖子链接",
        ),
        (),
    ),
    (
        ["问题标题", "回答ID", "回答内容", "赞同数", "评论数", "创建时间", "回答时间", "回答者"],
        Columns(
            text="回答内容",
            id="回答ID",
            title="问题标题",
            published_at="回答时间",
            author="回答者",
            likes="赞同数",
            replies="评论数",
        ),
        ("创建时间",),
    ),
    (
        ["视频标题", "发布时间", "评论ID", "评论内容", "评论时间", "评论者", "点赞数"],
        Columns(
            text="评论内容", id="评论ID", title="视频标题", published_at="评论时间", author="评论者", likes="点赞数"
        ),
        ("发布时间",),
    ),
    (
        ["mid", "text", "created_at", "user.id", "attitudes_count", "comments_count", "reposts_count"],
        Columns(
            text="text",
            id="mid",
            published_at="created_at",
            author="user.id",
            likes="attitudes_count",
            replies="comments_count",
            reposts="reposts_count",
        ),
        (),
    ),
    (["標題", "內文", "時間", "連結"], Columns(text="內文", title="標題", published_at="時間", url="連結"), ()),
    (
        ["Title", "Content (全文)", "Publish Time"],
        Columns(text="Content (全文)", title="Title", published_at="Publish Time"),
        (),
    ),
    (["标题", "摘要", "链接"], Columns(text="摘要", title="标题", url="链接"), ()),
]


@pytest.mark.parametrize(("names", "columns", "unused"), EXPORTS)
def test_the_header_of_an_export_is_understood_and_what_is_left_over_is_told(
    names: list[str], columns: Columns, unused: tuple[str, ...]
) -> None:
    assert guess([names], "a.csv") == (columns, unused)


def test_the_header_is_the_row_with_the_most_known_names() -> None:
    rows = [["舆情周报"], ["内容"], ["编号", "内容", "时间"], ["1", "停电", "2026-11-28"]]
    assert guess(rows, "a.csv")[0] == Columns(text="内容", id="编号", published_at="时间")


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["编号", "正文", "内容"], "正文 and 内容 may both be the text"),
        (["编号", "甲列", "时间"], "no column is known to be the text"),
        ([], "no column is known to be the text"),
    ],
)
def test_where_it_is_not_sure_it_asks_with_the_header_and_the_lines_to_write(names: list[str], why: str) -> None:
    with pytest.raises(Rejected) as caught:
        guess([names], "a.csv")
    assert (caught.value.reason, caught.value.detail.splitlines()[0]) == (
        "which_columns",
        f"a.csv: {why}; its header: {', '.join(names)}",
    )
    lines = "\n".join(caught.value.detail.splitlines()[2:])
    asked = safe_load(lines)["columns"]
    assert asked["text"] in ("正文", "THE COLUMN OF THE TEXT")
    assert asked.get("id") == ("编号" if names else None)


def test_a_guess_is_told_as_it_is_written_in_the_configuration() -> None:
    columns = Columns(text="Content: 全文", id="1号", likes="点赞数")
    assert told(columns) == 'columns: {text: "Content: 全文", id: "1号", likes: 点赞数}'
    assert safe_load(told(columns)) == {"columns": {"text": "Content: 全文", "id": "1号", "likes": "点赞数"}}


def test_a_path_into_an_object_is_known_by_its_end_and_by_whose_it_is() -> None:
    names = ["mblog.text", "mblog.user.id", "mblog.id", "mblog.created_at"]
    assert guess([names], "a.jsonl")[0] == Columns(
        text="mblog.text", id="mblog.id", author="mblog.user.id", published_at="mblog.created_at"
    )


def test_names_are_known_in_any_width_case_and_with_what_programs_hang_on_them() -> None:
    names = ["＃编号*", "评论 内容（必填）", "LIKE_COUNT", "Publish-Time[UTC+8]", "Comment:Content"]
    columns, unused = guess([names[:-1]], "a.csv")
    assert (columns.text, columns.id, columns.likes, columns.published_at) == (
        "评论 内容（必填）", "＃编号*", "LIKE_COUNT", "Publish-Time[UTC+8]",
    )  # fmt: skip
    assert unused == ()
    with pytest.raises(Rejected, match=r"评论 内容（必填） and Comment:Content may both be the text"):
        guess([names], "a.csv")


def test_a_column_stands_for_one_thing_and_a_name_that_is_left_is_told() -> None:
    columns, unused = guess([["标题", "标题", "内容", "发布时间", "时间"]], "a.csv")
    assert (columns.title, columns.published_at) == ("标题", "发布时间")
    assert unused == ("时间",)


def test_a_text_of_the_second_rank_is_one_only_where_none_of_the_first_is() -> None:
    assert guess([["评论", "摘要", "正文"]], "a.csv")[0].text == "正文"
    with pytest.raises(Rejected, match="摘要 and 评论 may both be the text"):
        guess([["编号", "摘要", "评论"]], "a.csv")


def test_a_name_that_no_terminal_takes_is_told_with_question_marks() -> None:
    assert guess([["正文", "\udcff坏"]], "a.csv")[1] == ("?坏",)
    with pytest.raises(Rejected) as caught:
        guess([["甲", "\udcff坏"]], "a.csv")
    assert caught.value.detail.startswith("a.csv: no column is known to be the text; its header: 甲, ?坏\n")


@given(
    st.lists(
        st.lists(st.text(max_size=8) | st.sampled_from(["正文", "id", "时间", "user.id", "."]), max_size=5), max_size=3
    )
)
def test_no_header_breaks_the_guess_and_every_name_is_used_or_told(rows: list[list[str]]) -> None:
    try:
        columns, unused = guess(rows, "a.csv")
    except Rejected:
        return
    used = {value for value in vars(columns).values() if value}
    assert any(
        {sayable(name) for name in row if name} == {sayable(name) for name in used} | set(unused) for row in rows
    )
