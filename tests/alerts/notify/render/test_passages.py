"""Passages of a letter: numbers as of sending, what is known and not, who did what, and how it is answered."""

from dataclasses import replace

import pytest

from alerts.notify.contents.notice import Colour, Notice
from alerts.notify.contents.situation import FirstPost
from alerts.notify.render import passages
from tests.alerts.notify.posting import MINUTE, NOW, full, notice, situation

PAGE = "https://console.example.com/case/1"


def test_counts_are_those_of_sending_with_the_last_letter_and_the_peak() -> None:
    assert passages.counted(full(danger="")) == (
        "截至9月21日14:02：近 1 小时负面信息 33 条，往常同时段不足 1 条，涉及发帖人 28 人",
        "同期发帖 40 条，负面占比 82%",
        "较上次来信（13:42）：15 条→33 条；峰值 79 条（13:57）；预计今后 3 小时负面信息 40～90 条",
    )


def test_a_first_letter_compares_with_nothing() -> None:
    first = situation(before=None, before_at=None, peak=33, outlook="")
    assert passages.since(first) == ""
    assert passages.severity(full(situation=first)) == "近 1 小时负面信息 33 条，往常同时段不足 1 条"
    assert passages.severity(full()) == "近 1 小时负面信息 33 条（上次来信 15 条），往常同时段不足 1 条"


def test_without_the_index_the_alarms_own_counts_stand_and_the_letter_says_so() -> None:
    told = passages.counted(notice(unsearched=True))
    assert told[0].startswith("检索暂不可用")
    assert told[2] == "近 1 小时负面信息 37 条，往常同时段约 4 条"
    assert told[3] == "去重折算 25 条，涉及发帖人 28 人，非转贴 21 条"


def test_after_the_verdict_the_claim_says_so_and_nothing_is_left_to_be_verified() -> None:
    after = full(verdict="谣言", truth="已核实：谣言")
    assert passages.claimed(after) == "已核实：谣言。网传：全城停电三天"
    assert passages.truth(after) == ""
    assert not any("待核实" in line for line in passages.counted(after))
    assert passages.claimed(full()) == "网传：全城停电三天"


def test_an_earlier_verdict_stays_in_sight() -> None:
    assert passages.truth(notice(previous_verdict="谣言")) == "待核实。（重新立案前的核实结论：谣言）"


def test_the_first_post_is_told_with_time_board_title_and_an_address_to_copy() -> None:
    assert passages.first(situation()) == (
        "9月21日13:02 · 临江论坛 · 市民茶座", "《停电了？》", "原文地址（未作链接）：https:// bbs.example.com/t/1"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"edited_at": NOW - 5 * MINUTE}, "（13:57 已修改）"),
        ({"removed": True, "title": None}, "（原帖已不公开）"),
        ({"link": "https://console.example.com/out?post=a"}, "https://console.example.com/out?post=a"),
    ],
)
def test_a_first_post_that_changed_says_so_and_a_console_leads_there(changes: dict[str, object], said: str) -> None:
    found = situation()
    assert isinstance(found.first, FirstPost)
    assert said in "".join(passages.first(replace(found, first=replace(found.first, **changes))))  # type: ignore[arg-type]


def test_edited_and_withdrawn_posts_are_told_with_the_spread() -> None:
    assert passages.spread(situation()) == (
        "临江论坛：13:02 起，30 条，其中负面 26 条", "已有 2 条负面信息被发布者修改", "已有 1 条负面信息已不再公开"
    )  # fmt: skip
    assert passages.said(situation()) == ("全城停电三天（24 条，20 人，13:02 起）",)


def test_the_trend_in_characters_has_its_ends() -> None:
    assert passages.trend(situation()) == ("13:02 ▁▃▄▆▇█ 14:02（单格最多 5 条）",)
    assert passages.trend(None) == passages.trend(situation(bars=())) == ()


def test_what_was_done_before_is_told_with_its_note() -> None:
    assert passages.deeds(full()) == ("13:52 李强 签收：已知悉",)


def test_a_claim_of_the_library_says_when_a_person_must_compare() -> None:
    assert passages.library(full()) == ("此前已核实（疑似，请人工比对）：全城停电——谣言", "已有口径：仅东区检修。")
    assert passages.library(notice()) == ()


def with_link(one: Notice) -> Notice:
    return replace(one, demand=replace(one.demand, link=PAGE))


def test_the_command_line_is_told_only_where_there_is_no_other_way() -> None:
    assert passages.needs_commands(notice())
    assert not passages.needs_commands(with_link(notice()))
    assert not passages.needs_commands(notice(reply_code="A7K2"))
    assert passages.answers(with_link(notice(reply_code="A7K2"))) == (
        f"打开事件页面办理：{PAGE}",
        "直接回复本信即可办理，第一行写：收到；或 误报 事由；或 转办 岗位或姓名。【回执码 A7K2】"
    )  # fmt: skip


def test_an_answer_by_mail_does_the_first_step_and_passes_on_any_other() -> None:
    later = notice(reply_code="A7K2", demand=replace(notice().demand, key="approve", step="口径审批"))
    assert passages.needs_commands(later)
    assert passages.answers(later) == ("如需转请他人，直接回复本信，第一行写：转办 岗位或姓名。【回执码 A7K2】",)
    assert not passages.needs_commands(replace(later, demand=replace(later.demand, key="take")))


def test_a_copy_is_asked_for_nothing() -> None:
    copied = notice(copy=True, reply_code="A7K2")
    assert passages.answers(copied) == ()
    assert not passages.needs_commands(copied)
    assert passages.asked(copied) == "本信抄送您知悉，由张敏（宣传部舆情值班）办理：于15:02前完成：签收"


def test_who_else_was_told_is_told() -> None:
    assert passages.informed(full()) == ("本信同时送：王芳", "此前已送：李强")
    assert passages.informed(notice()) == ()


def test_a_letter_has_the_number_of_its_case_and_year() -> None:
    assert passages.numbered(notice(case=7, colour=Colour.RED)) == "舆情快报〔2026〕第7期"
