"""What an analyst finds and what a program gets, with every option of the two commands."""

from datetime import timedelta

import pytest

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
    assert shown.index("不确定的话") < shown.index("停电已恢复")
    assert "爆炸" not in shown


def test_a_row_says_in_chinese_and_in_local_time_what_a_person_must_know(filled: Embedded) -> None:
    (row,) = [line for line in filled.run("search", "爆炸").stdout.splitlines() if "爆炸" in line]
    for told in ("2026-09-21 13:00", "bbs", "负面", "0.75", "陈述", "【待核实】"):
        assert told in row


def test_nothing_found_is_said(filled: Embedded) -> None:
    assert filled.run("search", "地震").stdout == "0 条：没有符合条件的帖子\n"


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
