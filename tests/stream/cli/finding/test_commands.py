"""What an analyst finds and what a program gets, with every option of the two commands."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from textwrap import dedent

import pytest
from openpyxl import load_workbook

from stream.codec import SCORED
from stream.messages import Act, Label
from tests.stream.installation import Embedded
from tests.stream.scored import HOUR, NOON, scored


def exported(place: Embedded, *words: str) -> list[str]:
    return [SCORED.decode(line).native_id for line in place.run("export", *words).stdout_bytes.splitlines()]


@pytest.fixture
def filled(place: Embedded) -> Embedded:
    place.put(
        scored(1, "小区停电两小时", topics=("outage",), act=Act.APPEAL, fields=("service",)),
        scored(2, "变电站爆炸了", NOON + HOUR, topics=("rumour",), act=Act.STATEMENT, cues=("danger",)),
        scored(3, "停电已恢复", NOON + 2 * HOUR, label=Label.POSITIVE, negative=0.1, site="weibo"),
        scored(4, "不确定的话", NOON + 3 * HOUR, label=Label.UNCERTAIN, negative=0.5, act=None),
    )
    return place


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), 4),
        (("停电",), 2),
        (("停电", "--label", "negative"), 1),
        (("--label", "negative", "--label", "positive"), 3),
        (("停电 恢复",), 1),
        (('"停电已"',), 1),
        (("-停电",), 2),
        (("停电 -恢复",), 1),
        (("--topic", "outage"), 1),
        (("--topic", "outage", "--topic", "rumour"), 2),
        (("--site", "weibo"), 1),
        (("--site", "nowhere"), 0),
        (("--act", "appeal"), 1),
        (("--field", "service"), 1),
        (("--cue", "danger"), 1),
        (("爆炸", "--topic", "outage"), 0),
    ],
    ids=str,
)
def test_every_option_narrows(filled: Embedded, words: tuple[str, ...], found: int) -> None:
    done = filled.run("search", *words)
    assert done.exit_code == 0
    assert f"{found} 条" in done.stdout


def test_the_newest_come_first_and_no_more_than_asked_for(filled: Embedded) -> None:
    shown = filled.run("search", "--limit", "2").stdout
    assert "4 条" in shown
    assert "4 条，按时间" in shown
    assert shown.index("不确定的话") < shown.index("停电已恢复")
    assert "爆炸" not in shown


def test_a_row_says_in_chinese_and_in_local_time_what_a_person_must_know(filled: Embedded) -> None:
    post = scored(2)
    assert filled.run("search", "爆炸").stdout.splitlines() == [
        "1 条，按时间",
        "检索：必含“爆炸”",
        "",
        "【待核实】",
        "   2026-09-21 13:00  负面 0.75  陈述  bbs  浏览 2",
        "   变电站爆炸了",
        f"   {post.id}",
        f"   {post.url}",
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("地震",), ["“地震” 一条也没有"]),
        (("停电 地震 OR 海啸 -恢复",), ["“停电” 2 条", "“地震”“海啸” 都没有", "“恢复” 1 条，已排除"]),
        (("停电 爆炸",), ["“停电” 2 条", "“爆炸” 1 条", "每一部分单独都有，没有一条同时满足"]),
        (("停电 -停电",), ["“停电” 2 条", "“停电” 2 条，已排除", "每一部分单独都有，含有这些词的帖子都被排除了"]),
        (("爆炸", "--label", "positive"), ["“爆炸” 一条也没有", "去掉筛选条件有 1 条"]),
        (("停电", "--until", "2026-09-01"), ["筛选条件下没有任何帖子：请放宽时间、来源等条件", "去掉筛选条件有 2 条"]),
    ],
    ids=str,
)
def test_where_nothing_is_found_each_part_is_counted_by_itself(
    filled: Embedded, words: tuple[str, ...], why: list[str]
) -> None:
    first, understood, *rest = filled.run("search", *words).stdout.splitlines()
    assert first == "0 条：没有符合条件的帖子"
    assert understood.startswith("检索：必含“")
    assert rest == why


def test_nothing_in_an_index_without_words_is_one_sentence(filled: Embedded) -> None:
    assert filled.run("search", "--since", "2027-01-01").stdout == (
        "0 条：没有符合条件的帖子\n筛选条件下没有任何帖子：请放宽时间、来源等条件\n"
    )


def test_what_was_understood_stands_above_the_posts(filled: Embedded) -> None:
    shown = filled.run("search", "停电|爆炸 -恢复 小区 OR 变电站").stdout
    assert "2 条，按时间" in shown
    assert "检索：任一“停电”“爆炸”；不含“恢复”；任一“小区”“变电站”" in shown


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--since", "2026-09-21 13:00"), [4, 3, 2]),
        (("--until", "2026-09-21 13:00"), [1]),
        (("--until", "2026-09-21"), [4, 3, 2, 1]),
        (("--since", "2026-09-21T05:00:00+00:00", "--until", "2026年9月21日14:00"), [2]),
        (("--source", "bbs-main", "--site", "weibo"), [3]),
        (("--board", "水电"), []),
        (("--min-views", "3"), [4, 3]),
        (("--min-replies", "0"), []),
        (("--authored",), [4, 3, 2, 1]),
        (("--authorless",), []),
        (("--gone",), []),
        (("--still-there", "--precision", "minute"), [4, 3, 2, 1]),
        (("--precision", "day"), []),
        (("--order", "negative"), [2, 1, 4, 3]),
        (("--order", "newest"), [4, 3, 2, 1]),
        (("停电 OR 爆炸", "--order", "negative"), [2, 1, 3]),
    ],
    ids=str,
)
def test_times_places_and_counters_narrow_and_orders_sort(
    filled: Embedded, options: tuple[str, ...], found: list[int]
) -> None:
    shown = filled.run("search", *options).stdout
    ids = {scored(number).id: number for number in range(1, 5)}
    ids[scored(3, site="weibo").id] = 3
    assert [ids[line.strip()] for line in shown.splitlines() if line.strip() in ids] == found
    exported = filled.run("export", *options, "--format", "csv").stdout_bytes.decode("utf-8-sig")
    assert [ids[line[1:33]] for line in exported.splitlines()[1:]] == found


def test_the_next_page_goes_on_behind_the_mark(filled: Embedded) -> None:
    for order in ("newest", "negative"):
        first = filled.run("search", "--limit", "3", "--order", order).stdout
        mark = first.splitlines()[-1].removeprefix("下一页：--after ")
        second = filled.run("search", "--limit", "3", "--order", order, "--after", mark).stdout
        assert second.startswith("4 条，")
        assert "下一页" not in second
        assert second.count("https://") == 1
    assert filled.run("search", "--after", "7").stderr == (
        "query: this is no mark of a page: start again from the first page\n"
    )


def test_copies_are_folded_where_asked(place: Embedded) -> None:
    place.put(*(scored(n, "同一句话", NOON + n * HOUR) for n in (1, 2, 3)), scored(4, "别的"))
    assert place.run("search").stdout.count("同一句话") == 3
    shown = place.run("search", "--fold").stdout
    assert shown.count("同一句话") == 1
    assert f"另有 2 条相同，最早 2026-09-21 13:00 {scored(1).id}" in shown
    assert "4 条，按时间" in shown


CONFIGS = {
    "topics.yml": """
        topics:
          outage: {name: 停电, owner: dispatch, rules: [{any_of: [停电]}]}
          rumour: {name: 涉险情信息, owner: publicity, rules: [{any_of: [爆炸]}]}
        fields: {service: {name: 服务, rules: [{any_of: [热线]}]}}
        cues: {danger: {name: 险情, rules: [{any_of: [爆炸]}]}}
    """,
    "crawlers.yml": """
        sources:
          bbs-main: {site: bbs, name: 企业论坛}
          weibo-export: {site: weibo}
    """,
}


@pytest.fixture
def named(filled: Embedded) -> Embedded:
    for name, text in CONFIGS.items():
        (filled.folder / name).write_text(dedent(text), "utf-8")
    return filled


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--topic", "涉险情信息"), 1),
        (("--topic", "rumour", "--topic", "停电"), 2),
        (("--field", "服务"), 1),
        (("--cue", "险情"), 1),
        (("--source", "企业论坛"), 4),
        (("--site", "企业论坛"), 3),
        (("--site", "weibo", "--source", "bbs-main"), 1),
    ],
    ids=str,
)
def test_names_do_as_well_as_keys(named: Embedded, options: tuple[str, ...], found: int) -> None:
    assert f"{found} 条" in named.run("search", *options).stdout


@pytest.mark.parametrize("command", ["search", "export"])
@pytest.mark.parametrize(
    ("option", "typed", "told"),
    [
        (
            "--topic",
            "险情传言",
            "topics.yml has no '险情传言' among its topics; known: outage (停电), rumour (涉险情信息)",
        ),
        ("--field", "x", "topics.yml has no 'x' among its fields; known: service (服务)"),
        ("--cue", "x", "known: danger (险情)"),
        ("--site", "nowhere", "crawlers.yml has no 'nowhere' among its sites; known: bbs (企业论坛), weibo"),
        ("--source", "nobody", "known: bbs-main (企业论坛), weibo-export"),
        ("--since", "下周", "“下周”不是时间：请写 2026-09-22"),
        ("--until", "2026-13-01", "“2026-13-01”不是时间"),
    ],
)
def test_what_nobody_knows_is_refused_with_what_there_is(
    named: Embedded, command: str, option: str, typed: str, told: str
) -> None:
    refused = named.run(command, option, typed)
    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
    assert f"'{option}'" in refused.stderr


def test_a_block_and_a_sheet_call_places_by_their_names(named: Embedded) -> None:
    assert "企业论坛" in named.run("search", "小区").stdout
    (heads, row) = csv.reader(StringIO(named.run("export", "小区", "--format", "csv").stdout_bytes.decode("utf-8-sig")))
    told = dict(zip(heads, row, strict=True))
    assert (told["站点"], told["信息源"], told["话题"], told["诉求所涉"]) == ("企业论坛", "企业论坛", "停电", "服务")
    assert not any(scored(1).voice in cell for cell in row if scored(1).voice)


def test_a_post_gone_for_a_day_is_shown_without_its_words(place: Embedded) -> None:
    gone = scored(1, "已删除的话", deleted_at=NOON)
    place.put(gone)
    shown = place.run("search").stdout
    assert "1 条" in shown
    assert "已删除" not in shown
    (line,) = place.run("export").stdout_bytes.splitlines()
    assert (SCORED.decode(line).text, SCORED.decode(line).content_hash) == ("", gone.content_hash)


@pytest.mark.parametrize("words", [("，。！",), ("药" * 300,)])
def test_what_nobody_can_mean_is_one_sentence(filled: Embedded, words: tuple[str, ...]) -> None:
    refused = filled.run("search", *words)
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.startswith("query: ")


def test_an_unknown_label_is_refused_with_those_there_are(filled: Embedded) -> None:
    refused = filled.run("search", "--label", "angry")
    assert refused.exit_code == 2
    assert "'negative'" in refused.stderr


def test_the_export_is_whole_and_in_the_order_of_ids(filled: Embedded) -> None:
    posts = [scored(n) for n in (1, 2, 3, 4)]
    posts[2] = scored(3, site="weibo")
    assert sorted(exported(filled)) == ["pid:1", "pid:2", "pid:3", "pid:4"]
    ids = [SCORED.decode(line).id for line in filled.run("export").stdout_bytes.splitlines()]
    assert ids == sorted(ids)


def test_the_export_may_be_narrowed(filled: Embedded) -> None:
    assert exported(filled, "--site", "weibo") == ["pid:3"]
    assert sorted(exported(filled, "--observed-since", "2026-09-21T06:00:00+0000")) == ["pid:3", "pid:4"]
    assert sorted(exported(filled, "--observed-since", "2026-09-21T14:00:00+0800")) == ["pid:3", "pid:4"]


def test_a_day_without_a_zone_is_utc(filled: Embedded) -> None:
    assert len(exported(filled, "--observed-since", "2026-09-21")) == 4
    assert exported(filled, "--observed-since", "2026-09-22") == []


def test_the_export_may_go_into_a_file(filled: Embedded) -> None:
    target = filled.folder / "posts.jsonl"
    done = filled.run("export", "--output", str(target))
    assert (done.stdout, done.stderr) == ("", "")
    assert len(target.read_bytes().splitlines()) == 4


def test_a_sheet_is_cut_where_it_is_full_and_says_so(filled: Embedded) -> None:
    done = filled.run("export", "--format", "csv", "--most", "3")
    assert done.stderr == "cut after 3 posts, there are more: narrow the search, or say --most\n"
    lines = done.stdout_bytes.decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert "其余帖子未导出" in lines[-1]
    assert filled.run("export", "--format", "csv", "--most", "4").stderr == ""


def test_a_sheet_may_be_for_a_spreadsheet(filled: Embedded) -> None:
    target = filled.folder / "posts.xlsx"
    assert filled.run("export", "停电", "--format", "xlsx", "--output", str(target)).stderr == ""
    to_a_pipe = BytesIO(filled.run("export", "停电", "--format", "xlsx").stdout_bytes)
    for file in (target, to_a_pipe):
        rows = list(load_workbook(file).active.values)
        assert [row[3] for row in rows[1:]] == ["停电已恢复", "小区停电两小时"]
    filled.run("export", "停电", "--format", "csv", "--output", str(filled.folder / "posts.csv"))
    assert "小区停电两小时" in (filled.folder / "posts.csv").read_text("utf-8-sig")


def test_an_order_that_ranks_the_newest_alone_says_so(filled: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.pages.RANKED", 2)
    assert "4 条，按负面概率（只排最近的 2 条）" in filled.run("search", "--order", "negative").stdout
    done = filled.run("export", "--format", "csv", "--order", "negative")
    assert done.stderr == "of the newest 2 posts alone: an order but newest ranks no more\n"
    assert len(done.stdout_bytes.splitlines()) == 3


def test_a_rare_board_is_looked_for_to_the_end(filled: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.pages.RANKED", 1)
    filled.put(scored(9, "最早的", NOON - HOUR, board="水电"))
    assert "1 条，按时间" in filled.run("search", "--board", "水电").stdout
    assert filled.run("search", "--board", "无").stdout.startswith("0 条：没有符合条件的帖子\n")


@pytest.mark.parametrize("option", [("--order", "negative"), ("--most", "3")])
def test_options_of_sheets_are_refused_for_lines(filled: Embedded, option: tuple[str, str]) -> None:
    refused = filled.run("export", *option)
    assert refused.exit_code == 2
    assert "--order and --most are for csv and xlsx" in refused.stderr


def test_lines_may_be_narrowed_by_words_and_options(filled: Embedded) -> None:
    assert sorted(exported(filled, "停电 OR 爆炸", "--until", "2026-09-21 14:00")) == ["pid:1", "pid:2"]


def test_an_export_of_nothing_says_so_beside_its_output(filled: Embedded) -> None:
    done = filled.run("export", "--site", "nowhere")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no such posts in the index\n")


@pytest.mark.parametrize("command", ["search", "export"])
def test_a_wrong_var_is_refused_and_nothing_is_made_there(place: Embedded, command: str) -> None:
    refused = place.run(command)
    assert refused.exit_code == 78
    assert refused.stderr == (
        f"stream.yml: var: no index at {place.var / 'index.db'}: is `var` right, and did any stage run yet?\n"
    )
    assert not place.var.exists()


def test_an_index_that_lies_elsewhere_is_found_where_its_line_says(place: Embedded) -> None:
    place.write("index: sqlite:other.db")
    place.put(scored(1))
    assert "1 条" in place.run("search").stdout
    place.write("index: sqlite:third.db")
    assert place.run("search").exit_code == 78


def test_a_post_observed_in_the_same_instant_as_asked_for_is_exported(place: Embedded) -> None:
    place.put(scored(1), scored(2, at=NOON - timedelta(milliseconds=1)))
    assert exported(place, "--observed-since", "2026-09-21T04:00:00+0000") == ["pid:1"]
