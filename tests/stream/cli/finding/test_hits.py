"""Found posts as lines for a terminal."""

import pytest
from rich.cells import cell_len

from stream.cli.finding.hits import SHOWN, WIDTH, Answer, lines
from stream.index.finding.copies import Copies, fold
from stream.index.finding.sheets import Called
from stream.index.finding.words import LABEL_NAMES
from stream.index.port import Counted, Order, Page
from stream.index.query import understood
from stream.messages import Act, Counts, Label, ScoredPost
from tests.stream.scored import HOUR, NOON, scored

ONE = Counted(1, exact=True)


def shown(*posts: ScoredPost, total: Counted = ONE, after: str | None = None, **more: object) -> list[str]:
    page = Page(posts, after, more.pop("ranked", None))  # type: ignore[arg-type]
    groups = more.pop("groups", tuple(map(Copies, posts)))
    called = Called(sites={"bbs": "企业论坛"})
    return list(lines(Answer(total=total, page=page, groups=groups, **more), called))  # type: ignore[arg-type]


def test_a_block_has_what_a_person_cites_a_post_by() -> None:
    post = scored(
        1, "停电了", title="求助", board="水电", floor=3, counts=Counts(replies=1200, views=0), act=Act.APPEAL,
        cues=("danger",),
    )  # fmt: skip
    assert shown(post) == [
        "1 条，按时间",
        "",
        "【待核实】求助",
        "   2026-09-21 12:00  负面 0.75  诉求  企业论坛  水电  3 楼  回复 1,200  浏览 0",
        "   停电了",
        f"   {post.id}",
        "   https://bbs.example.com/p/1",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"label": Label.NEUTRAL}, "中性"),
        ({"label": Label.POSITIVE}, "正面"),
        ({"label": Label.UNCERTAIN}, "待人工判断"),
        ({"act": Act.MOCKERY}, "嘲讽"),
        ({"act": Act.CALL}, "号召"),
        ({"deleted_at": NOON}, "源站已删"),
        ({"truncated": True}, "正文不全"),
        ({"site": "weibo"}, "weibo"),
    ],
    ids=str,
)
def test_every_key_has_its_chinese_word(changes: dict[str, object], told: str) -> None:
    assert told in shown(scored(1, **changes))[2]


@pytest.mark.parametrize("label", [Label.NEUTRAL, Label.POSITIVE, Label.UNCERTAIN], ids=str)
def test_the_number_beside_another_label_than_negative_says_that_it_is_how_likely_negative(label: Label) -> None:
    assert f"{LABEL_NAMES[label]}（负面 0.75）  企业论坛" in shown(scored(1, label=label, act=None))[2]


def test_a_post_without_a_score_a_counter_or_words_has_no_empty_places() -> None:
    bare = scored(1, "", polarity=None, negative=None, unscored="empty", label=Label.UNCERTAIN, counts=Counts())
    assert shown(bare)[1:3] == ["", "   2026-09-21 12:00  待人工判断  企业论坛"]
    assert len(shown(bare)) == 5


def test_a_long_post_is_shown_by_its_beginning_within_the_columns() -> None:
    told = shown(scored(1, "头" + "长" * 500 + "尾", title="题" * 70, board="版" * 60))
    assert all(cell_len(line) <= WIDTH for line in told)
    text = "".join(line.strip() for line in told)
    assert text.count("长") == SHOWN - 2
    assert text.count("题") == 70
    assert text.count("版") == 60
    assert "尾" not in text


def test_an_address_stays_in_one_piece() -> None:
    url = "https://bbs.example.com/" + "a" * 200
    assert shown(scored(1, url=url))[-1] == f"   {url}"


def test_words_from_outside_move_no_cursor_and_are_no_markup() -> None:
    told = shown(scored(1, "一\n二\r\n\t三\x1b[31m\u202e四", title="[bold red]假[/bold red]"))
    assert "[bold red]假[/bold red]" in told
    assert "   一 二 三[31m四" in told


def test_what_was_understood_and_why_nothing_is_there_is_told() -> None:
    nothing = Counted(0, exact=True)
    told = shown(total=nothing, parts=understood("停电 OR 爆炸 -通知"), why=["“停电” 2 条"])
    assert told == ["0 条：没有符合条件的帖子", "检索：任一“停电”“爆炸”；不含“通知”", "“停电” 2 条"]


def test_an_order_says_what_it_ranked_and_the_next_page_how_to_get_there() -> None:
    told = shown(scored(1), total=Counted(10_000, exact=False), order=Order.REPLIES, after="replies:1", ranked=5000)
    assert told[0] == "10,000 条以上，按回复数（只排最近的 5,000 条）"
    assert told[-2:] == ["", "下一页：--after replies:1"]


def test_a_page_behind_the_last_post_is_empty_and_says_how_many_there_are() -> None:
    assert shown(total=Counted(7, exact=True)) == ["7 条，这一页没有"]


def test_copies_are_one_block_with_the_first_of_them() -> None:
    posts = [scored(n, "同一句话", NOON - n * HOUR) for n in (1, 2, 3)]
    told = shown(*posts, total=Counted(3, exact=True), groups=fold(posts))
    assert told.count("   同一句话") == 1
    assert f"   另有 2 条相同，最早 2026-09-21 09:00 {posts[2].id}" in told
