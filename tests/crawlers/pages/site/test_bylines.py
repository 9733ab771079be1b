import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.site.bylines import without_bylines


@pytest.mark.parametrize(
    "line",
    [
        "来源：临江日报 作者：王小明",
        "2026-11-19 09:12",
        "（记者 张三 通讯员 李四）",
        "(记者张三、李四)",
        "本报记者 张三",
        "本报记者张三",
        "临江日报全媒体记者 张三 李四 文/图",
        "记者 张三 摄影报道",
        "记者 阿迪力·买买提",
        "文/张三 图/李四",
        "文、图/张三",
        "编辑 | 王五",
        "编辑｜王五 校对｜赵六 审核｜钱七",
        "一审 王五 二审 赵六 三审 钱七",
        "责编 王五",
        "上一页 1 2 3 下一页",
        "【打印】【关闭】",
        "打印本页 | 关闭窗口",
        "扫一扫在手机打开当前页",
        "分享到：",
    ],
)
def test_a_line_of_names_or_buttons_says_nothing(line: str) -> None:
    assert without_bylines(line) == ""


@pytest.mark.parametrize(
    "line",
    [
        "记者 昨天在现场看到，水还没有来。",
        "记者走访发现，部分商户损失严重。",
        "记者走访发现",
        "本报记者获悉，停水还要三天。",
        "编辑部的故事",
        "通讯员 李四昨天报道，停水三天了",
        "作者 张三丰是著名的武术家",
        "网传视频（来源不明）显示停电",
        "居民（含租户）可以申请补偿",
        "“停水三天了。”居民王某说",
        "停水了。打电话没人接",
        "首页的公告还是去年的",
        "打印店关闭三天了",
        "2026",
        "1. 2. 3.",
        "图为抢修现场",
        "",
    ],
)
def test_what_speaks_of_a_reporter_or_a_button_stays(line: str) -> None:
    assert without_bylines(line) == line


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("临江日报讯（记者 张三 通讯员 李四）27日下午停电。", "临江日报讯27日下午停电。"),
        ("新华社临江11月27日电（记者张三、李四）城东停电。", "新华社临江11月27日电城东停电。"),
        ("供电已经恢复。（责任编辑：王五）", "供电已经恢复。"),
        ("供电已经恢复。 本报记者 张三", "供电已经恢复。"),
        ("图为抢修现场。记者 张三 摄", "图为抢修现场。"),
    ],
)
def test_names_within_a_paragraph_go_and_the_paragraph_stays(line: str, own: str) -> None:
    assert without_bylines(line) == own


PIECES = ["记者", "通讯员", "编辑", "张三", "李四", "/", "|", "：", " ", "（", "）", "。", "文", "图", "摄", "下一页"]


@given(st.lists(st.sampled_from(PIECES), max_size=200).map("".join))
def test_any_mixture_is_read_soon_and_nothing_is_added(line: str) -> None:
    assert len(without_bylines(line)) <= len(line)
