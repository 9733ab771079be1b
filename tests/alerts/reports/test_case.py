"""The report of a case: the whole story, also where the index is away."""

from datetime import datetime

from alerts.desk.register import Register
from alerts.reports.case import INDEX_AWAY, answered_spans, case_report, gather_case
from alerts.reports.document import Block, Heading, Illustration, OfficialReport, Prose, ReportTable
from alerts.reports.records import read_record
from stream.index.port import Reader
from tests.alerts.reports.conftest import HOUR, MINUTE


def made(register: Register, reader: Reader | None, case_id: int, now: datetime) -> OfficialReport:
    return case_report(gather_case(register, reader, case_id, now), now, classified="", issue=None)


def section(report: OfficialReport, name: str) -> list[Block]:
    """The blocks below a heading of the first level."""
    found: list[Block] = []
    inside = False
    for block in report.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text.endswith(f"、{name}")
        elif inside:
            found.append(block)
    return found


def prose(report: OfficialReport, name: str) -> str:
    return "\n".join(one.text for one in section(report, name) if isinstance(one, Prose))


def rows(report: OfficialReport, name: str) -> list[tuple[str, ...]]:
    return [row for one in section(report, name) if isinstance(one, ReportTable) for row in one.rows]


def test_a_case_that_ended_is_told_from_its_first_post_to_its_lessons(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert report.title == "关于「停电抢修」舆情事件的复盘报告"
    assert report.number == "舆情快报〔2026〕第1期"
    assert report.period == "2026年9月21日 13:22 至 9月23日 06:02"
    headings = [one.text for one in report.blocks if isinstance(one, Heading) and one.level == 1]
    assert headings == [
        "一、事件概况", "二、首发来源", "三、传播情况", "四、内容与情感", "五、处置经过",
        "六、时限执行", "七、答复效果", "八、口径与整改",
        "九、评估与教训",
    ]  # fmt: skip
    overview = prose(report, "事件概况")
    assert "等级「较大」" in overview
    assert "核实结论：属实" in overview
    assert "历时 40 小时" in overview


def test_the_first_source_is_named_with_address_and_how_long_it_took_to_see_it(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert prose(report, "首发来源") == "首发至立案 40 分钟。"
    assert ("首发时间", "9月21日 13:22") in rows(report, "首发来源")
    assert ("首发平台", "bbs「民生」版") in rows(report, "首发来源")
    assert ("链接", "https://bbs.example.com/p/1") in rows(report, "首发来源")


def test_spread_has_the_path_and_a_chart(register: Register, there: Reader, ended: int, now: datetime) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert "bbs（9月21日 13:22）→weibo（9月21日 13:47）" in prose(report, "传播情况")
    assert [type(one) for one in section(report, "传播情况")].count(Illustration) == 1
    assert ("weibo", "9月21日 13:47", "2", "2") in rows(report, "传播情况")


def test_claims_and_quotes_are_marked_as_unverified(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert rows(report, "内容与情感") == [("停电了没人修，电话打不通", "6", "6", "9月21日 13:24")]
    assert "未经核实" in prose(report, "内容与情感")


def test_the_timeline_says_who_did_what_and_leaves_letters_out(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    told = rows(made(register, there, ended, now + 50 * HOUR), "处置经过")
    assert told[0][1] == "系统"
    assert told[0][2].startswith("立案：负面 31 条")
    assert (
        "9月21日 15:03",
        "系统",
        "超时升级：「签收」宣传部舆情值班超时未办，转宣传部负责人；时限：9月21日15:33",
    ) in told
    assert ("9月21日 17:02", "陈伟（自报）", "核实结论：配电箱故障，属实；结论：属实；转入「拟定口径」") in told
    assert not any("通知已送达服务器" in row[2] for row in told)


def test_limits_say_what_was_late_by_which_source(register: Register, there: Reader, ended: int, now: datetime) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert "共 12 次计时，按时 11 次，超时 1 次（签收）" in prose(report, "时限执行")
    assert "「签收」宣传部舆情值班" in prose(report, "时限执行")
    told = rows(report, "时限执行")
    assert told[0] == ("签收（宣传部负责人）", "1 小时", "1 小时 10 分钟", "超时", "单位自定")
    assert (
        "澄清/回应（宣传部负责人）",
        "2 天",
        "4 小时",
        "按时",
        "国办发〔2016〕61号：其他政务舆情 48 小时内回应",
    ) in told


def test_the_effect_of_the_answer_is_the_share_before_and_after(
    register: Register, there: Reader, ended: int, now: datetime
) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert rows(report, "答复效果") == [("9月21日 18:02", "100%（31/31）", "25%（1/4）")]
    assert "不等于因果" in prose(report, "答复效果")


def test_remedies_and_lessons_are_told(register: Register, there: Reader, ended: int, now: datetime) -> None:
    report = made(register, there, ended, now + 50 * HOUR)
    assert prose(report, "口径与整改").splitlines() == [
        "口径第 1 稿（张敏拟定，李强审批）：配电箱故障，今晚修复，谨致歉意。",
        "整改（调度抢修中心，9月22日 20:02前）：更换配电箱；9月22日 14:02完成，更换配电箱，恢复供电。",
    ]
    assert prose(report, "评估与教训").splitlines() == [
        "李强（自报）（9月23日 10:02）：教训：备件应常备",
        "「签收」用时 1 小时 10 分钟，超过时限 1 小时（宣传部负责人）。",
    ]


def test_without_the_index_the_report_says_so_and_has_the_rest(
    register: Register, away: Reader, ended: int, now: datetime
) -> None:
    for reader in (away, None):
        report = made(register, reader, ended, now + 50 * HOUR)
        assert INDEX_AWAY in prose(report, "事件概况")
        assert section(report, "传播情况") == []
        assert len(rows(report, "时限执行")) == 12


def test_an_open_case_is_a_report_of_where_it_stands(
    register: Register, there: Reader, case_id: int, now: datetime
) -> None:
    report = made(register, there, case_id, now + 5 * MINUTE)
    assert report.title == "关于「停电抢修」舆情事件的情况专报"
    assert "核实结论：待核实" in prose(report, "事件概况")
    assert prose(report, "答复效果") == "尚未对外答复。"
    assert prose(report, "评估与教训") == "事件尚未办结，办结后补充复盘。"


def test_an_answer_belongs_to_the_wave_it_answers(register: Register, ended: int, now: datetime) -> None:
    record = read_record(register, ended)
    until = now + 50 * HOUR
    assert answered_spans(record, until) == ((record.details.case.since, now + 4 * HOUR, until),)
