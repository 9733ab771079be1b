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


def test_a_name_in_quotes_is_preferred_as_a_bare_one_is_and_told_as_yaml_reads_it() -> None:
    columns, _ = guess([["编号", "诉求\n内容", "摘要", "时间"]], "a.csv")
    assert columns.text == "诉求\n内容"
    assert safe_load(told(columns))["columns"]["text"] == columns.text


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


# Of hotlines, monitoring services, Weibo, Tieba, Zhihu, Douyin, Xiaohongshu, WeChat and forms; "" where it asks.
HEADERS = [
    (
        "序号,工单号,来电时间,来电号码,来电人姓名,主要内容,事发地址,承办单位,处理意见",
        "{text: 主要内容, id: 工单号, published_at: 来电时间, author: 来电人姓名}",
    ),
    (
        "工单编号,诉求人,联系电话,诉求时间,诉求类型,诉求标题,诉求内容,所属区域,承办单位,办理状态,办结时间,"
        "办理结果,满意度",
        "{text: 诉求内容, title: 诉求标题, id: 工单编号, published_at: 诉求时间, author: 诉求人}",
    ),
    (
        "受理编号,受理时间,来源渠道,问题类别,主题,诉求描述,答复内容,是否满意",
        "{text: 诉求描述, title: 主题, id: 受理编号, published_at: 受理时间}",
    ),
    (
        "工单编号,工单标题,工单内容,创建时间,受理单位,回复内容,回复时间,办结时间",
        "{text: 工单内容, title: 工单标题, id: 工单编号, published_at: 创建时间}",
    ),
    ("工单编号,标题,诉求人,来电时间,回复内容,回复时间", ""),
    ("编号,内容,提交时间,回复内容,回复时间", "{text: 内容, id: 编号, published_at: 提交时间}"),
    (
        "案件编号,案件标题,案件描述,上报时间,上报人,处置部门,处置结果",
        "{text: 案件描述, title: 案件标题, id: 案件编号, published_at: 上报时间}",
    ),
    (
        "流水号,登记时间,反映人,反映内容,反映地址,办理情况",
        "{text: 反映内容, id: 流水号, published_at: 登记时间, author: 反映人}",
    ),
    (
        "信件编号,写信人,写信时间,信件主题,信件内容,回复单位,回复时间,回复内容",
        "{text: 信件内容, title: 信件主题, id: 信件编号, published_at: 写信时间, author: 写信人}",
    ),
    (
        "序号,标题,正文,来源,媒体名称,作者,发布时间,链接,情感,转发数,评论数,点赞数,阅读数,采集时间",
        "{text: 正文, title: 标题, published_at: 发布时间, author: 作者, url: 链接, views: 阅读数, "
        "replies: 评论数, likes: 点赞数, reposts: 转发数}",
    ),
    (
        "标题,摘要,来源网站,发布时间,情感倾向,原文链接,相似文章数",
        "{text: 摘要, title: 标题, published_at: 发布时间, url: 原文链接}",
    ),
    ("标题,链接,发布时间,阅读,评论,点赞,转发", ""),
    (
        "id,bid,user_id,用户昵称,微博正文,头条文章url,发布位置,艾特用户,话题,转发数,评论数,点赞数,发布时间,"
        "发布工具,微博图片url,retweet_id",
        "{text: 微博正文, id: id, published_at: 发布时间, author: user_id, replies: 评论数, likes: 点赞数, "
        "reposts: 转发数}",
    ),
    (
        "信息标题,信息内容,信息来源,站点名称,发布时间,情感属性,原文地址,作者昵称,粉丝数,互动量",
        "{text: 信息内容, title: 信息标题, published_at: 发布时间, author: 作者昵称, url: 原文地址}",
    ),
    (
        "命中关键词,文章标题,文章内容,媒体类型,平台,账号名称,发布时间,文章链接,正负面",
        "{text: 文章内容, title: 文章标题, published_at: 发布时间, author: 账号名称, url: 文章链接}",
    ),
    (
        "序号,标题／微博内容,发布时间,来源,作者,原文链接",
        '{text: "标题／微博内容", published_at: 发布时间, author: 作者, url: 原文链接}',
    ),
    (
        "内容,发布平台,发布时间,用户名,用户链接,内容链接,互动数,情感",
        "{text: 内容, published_at: 发布时间, author: 用户名, url: 内容链接}",
    ),
    (
        "预警时间,标题,正文,发布时间,入库时间,媒体,链接",
        "{text: 正文, title: 标题, published_at: 发布时间, url: 链接}",
    ),
    (
        "微博内容,原微博内容,发布时间,发布者,原微博发布者,原微博id",
        "{text: 微博内容, published_at: 发布时间, author: 发布者}",
    ),
    ("贴吧名称,帖子ID,帖子标题,楼主,回复数,最后回复时间,帖子链接", ""),
    (
        "吧名,主题帖ID,主题,楼层,回帖人,回帖内容,回帖时间",
        "{text: 回帖内容, title: 主题, published_at: 回帖时间, author: 回帖人, board: 吧名, thread: 主题帖ID, "
        "floor: 楼层}",
    ),
    (
        "帖子ID,楼层,内容,作者,时间,帖子标题",
        "{text: 内容, title: 帖子标题, published_at: 时间, author: 作者, thread: 帖子ID, floor: 楼层}",
    ),
    (
        "帖子标题,帖子ID,发帖时间,楼主,回帖内容,回帖人",
        "{text: 回帖内容, title: 帖子标题, author: 回帖人, thread: 帖子ID}",
    ),
    (
        "tid,pid,floor,author,content,time",
        "{text: content, published_at: time, author: author, thread: tid, floor: floor}",
    ),
    (
        "贴子标题,贴子内容,发贴人,发贴时间,贴子链接",
        "{text: 贴子内容, title: 贴子标题, published_at: 发贴时间, author: 发贴人, url: 贴子链接}",
    ),
    (
        "问题ID,问题标题,回答ID,回答者昵称,回答内容,赞同数,评论数,回答时间,回答链接",
        "{text: 回答内容, title: 问题标题, id: 回答ID, published_at: 回答时间, author: 回答者昵称, "
        "url: 回答链接, replies: 评论数, likes: 赞同数}",
    ),
    ("问题标题,问题描述,回答内容,回答时间", ""),
    (
        "question_title,answer_id,author_name,content,voteup_count,comment_count,created_time,url",
        "{text: content, title: question_title, id: answer_id, published_at: created_time, author: author_name, "
        "url: url, replies: comment_count, likes: voteup_count}",
    ),
    (
        "评论ID,评论内容,评论用户,评论时间,回答ID,父评论ID",
        "{text: 评论内容, id: 评论ID, published_at: 评论时间, author: 评论用户, parent: 父评论ID}",
    ),
    (
        "视频ID,视频标题,视频链接,评论ID,评论内容,评论时间,点赞数,用户昵称,用户ID,IP属地",
        "{text: 评论内容, title: 视频标题, id: 评论ID, published_at: 评论时间, author: 用户ID, likes: 点赞数}",
    ),
    (
        "视频标题,博主,视频发布时间,评论内容,评论人昵称,评论日期,点赞量",
        "{text: 评论内容, title: 视频标题, published_at: 评论日期, author: 评论人昵称, likes: 点赞量}",
    ),
    ("微博id,评论id,内容,发布时间,用户昵称", "{text: 内容, id: 评论id, published_at: 发布时间, author: 用户昵称}"),
    (
        "回答ID,评论ID,父评论ID,内容,回答者,评论时间",
        "{text: 内容, id: 评论ID, published_at: 评论时间, parent: 父评论ID}",
    ),
    ("微博id,博主,微博正文,评论内容,评论时间", ""),
    (
        "aweme_id,cid,text,create_time,digg_count,reply_comment_total,user.uid,user.nickname",
        "{text: text, id: cid, published_at: create_time, author: user.uid, replies: reply_comment_total, "
        "likes: digg_count}",
    ),
    (
        "comment_id,create_time,ip_location,aweme_id,content,user_id,nickname,like_count,sub_comment_count,"
        "parent_comment_id",
        "{text: content, id: comment_id, published_at: create_time, author: user_id, parent: parent_comment_id, "
        "replies: sub_comment_count, likes: like_count}",
    ),
    (
        "note_id,type,title,desc,time,last_update_time,user_id,nickname,liked_count,comment_count,share_count,"
        "note_url",
        "{text: desc, title: title, id: note_id, published_at: time, author: user_id, url: note_url, "
        "replies: comment_count, likes: liked_count, reposts: share_count}",
    ),
    ("弹幕内容,弹幕时间,发送者,视频标题", "{text: 弹幕内容, title: 视频标题, author: 发送者}"),
    (
        "提交者,提交时间,您的姓名,您的部门,您的意见或建议",
        "{text: 您的意见或建议, published_at: 提交时间, author: 提交者}",
    ),
    (
        "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您的性别,2、您的意见和建议",
        '{text: "2、您的意见和建议", published_at: 提交答卷时间}',
    ),
    ("填写人,填写时间,意见建议,联系方式", "{text: 意见建议, published_at: 填写时间, author: 填写人}"),
    ("工号,员工姓名,反馈时间,反馈类型,反馈内容,处理人,处理时间,处理结果", "{text: 反馈内容, published_at: 反馈时间}"),
    (
        "订单号,商品名称,评价内容,评价时间,评分,买家昵称,追评内容",
        "{text: 评价内容, published_at: 评价时间, author: 买家昵称}",
    ),
    (
        "公众号名称,文章标题,文章摘要,文章链接,发布时间,阅读数,在看数",
        "{text: 文章摘要, title: 文章标题, published_at: 发布时间, author: 公众号名称, url: 文章链接, "
        "views: 阅读数}",
    ),
    (
        "笔记标题,笔记内容,笔记链接,发布时间,博主昵称,点赞数,收藏数,评论数",
        "{text: 笔记内容, title: 笔记标题, published_at: 发布时间, author: 博主昵称, url: 笔记链接, "
        "replies: 评论数, likes: 点赞数}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("header", "mapped"), HEADERS)
def test_of_a_header_only_what_is_sure_is_guessed(header: str, mapped: str) -> None:
    if mapped:
        assert told(guess([header.split(",")], "a.csv")[0]) == f"columns: {mapped}"
    else:
        with pytest.raises(Rejected, match="which_columns"):
            guess([header.split(",")], "a.csv")


def test_what_an_office_answered_is_never_a_citizens_text_nor_its_time_theirs() -> None:
    with pytest.raises(Rejected, match="no column is known to be the text"):
        guess([["工单编号", "标题", "来电时间", "反馈内容"]], "a.csv")
    assert guess([["楼层", "回复内容", "回复时间"]], "a.csv")[0].published_at == "回复时间"
    for text in ("诉求内容", "内容"):
        assert guess([["编号", text, "回复内容", "回复时间"]], "a.csv")[0].published_at is None


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            "content_id,content_type,content_text,content_url,title,desc,created_time,voteup_count,comment_count,user_id",
            "{text: content_text, title: title, id: content_id, published_at: created_time, author: user_id, "
            "url: content_url, replies: comment_count, likes: voteup_count}",
        ),
        (
            "aweme_id,title,desc,create_time,user_id,liked_count,comment_count,share_count,aweme_url,video_download_url",
            "{text: desc, title: title, id: aweme_id, published_at: create_time, author: user_id, url: aweme_url, "
            "replies: comment_count, likes: liked_count, reposts: share_count}",
        ),
        ("comment_id,aweme_id,content,create_time", "{text: content, id: comment_id, published_at: create_time}"),
        ("comment_id,content_id,content,publish_time", "{text: content, id: comment_id, published_at: publish_time}"),
        ("aweme_id,评论内容,评论时间", "{text: 评论内容, published_at: 评论时间}"),
        ("编号,微博ID,微博正文", "{text: 微博正文, id: 微博ID}"),
        ("编号,工单编号,诉求内容", "{text: 诉求内容, id: 工单编号}"),
        ("编号,内容", "{text: 内容, id: 编号}"),
        ("编号,微博ID,评论内容", "{text: 评论内容, id: 编号}"),
    ],
)
def test_the_names_of_a_crawler_for_six_sites_are_known_and_a_rows_number_is_the_last_id(
    header: str, columns: str
) -> None:
    assert told(guess([header.split(",")], "a.csv")[0]) == f"columns: {columns}"
