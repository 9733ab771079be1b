"""The draft of the report upward, and what a step has still to find out."""

from datetime import timedelta

import pytest

from alerts.casefile.telling.express import QUESTIONS, express, known, questions
from alerts.notify.contents.situation import Deed
from tests.alerts.notify.posting import NOW, situation

DONE = (Deed(NOW, "陈伟", "核实结论（谣言）", "系演练"), Deed(NOW - timedelta(hours=1), "张敏", "签收", ""))


def drafted(step: str, verdict: str = "") -> tuple[str, ...]:
    return express(
        topic="险情传言", grade="较大", verdict=verdict, claim="停电三天", situation=situation(), deeds=DONE, step=step,
        now=NOW,
    )  # fmt: skip


def test_the_draft_has_the_fields_of_a_report() -> None:
    told = drafted("report")
    assert told[0] == "关于涉险情信息的情况报告（较大）"
    assert told[1] == "一、内容：网传停电三天。"
    assert told[2] == "二、首发：9月21日13:02，临江论坛、市民茶座、《停电了？》，https:// bbs.example.com/t/1。"
    assert told[3] == "三、传播：涉及 1 个平台（临江论坛），近 1 小时负面信息 33 条，峰值 79 条，走势 ▁▃▄▆▇█。"
    assert told[4] == "四、真实性：待核实。"
    assert told[5] == "五、处置：9月21日13:02张敏签收；9月21日14:02陈伟核实结论（谣言）。"
    assert told[7].endswith("领导意见：")


def test_only_letters_that_lead_to_a_report_have_a_draft() -> None:
    assert drafted("verify") == drafted("close") == ()
    assert drafted("judge", "谣言")[4] == "四、真实性：经核实为谣言。"


def test_without_the_index_nothing_is_drafted() -> None:
    assert express(topic="x", grade="y", verdict="", claim="", situation=None, deeds=(), step="report", now=NOW) == ()


@pytest.mark.parametrize("step", QUESTIONS)
def test_after_the_verdict_nobody_is_asked_whether_it_is_true(step: str) -> None:
    assert not any("属实" in one for one in questions(step, "谣言", "2 条称有险情"))
    assert questions(step, "", "2 条称有险情")[0] == "2 条称有险情"


def test_what_is_known_is_what_was_verified() -> None:
    assert known((), "") == ("暂无经核实的情况",)
    assert known(DONE[:1], "谣言") == ("核实结论：谣言", "9月21日14:02 陈伟：系演练")
