from tests.alerts.cli.conftest import Run


def test_a_silence_is_made_listed_and_ended(run: Run) -> None:
    assert run("silence", "list").stdout == "没有生效中的静默\n"
    made = run("silence", "add", "outage", "--for", "2h", "--reason", "计划检修", "--by", "zhang_min")
    assert made.exit_code == 0, made.stderr
    number, topic, grades, _, by, reason = made.stdout.rstrip("\n").split("\t")
    assert (number, topic, grades, by, reason) == ("1", "停电抢修", "黄色及以下", "张敏", "计划检修")
    assert run("silence", "list").stdout == made.stdout
    assert run("silence", "end", "1").stdout == "静默 1 已结束，期间暂缓的通知将在下一轮汇总告知\n"
    assert run("silence", "list").stdout == "没有生效中的静默\n"
    assert run("silence", "list", "--all").stdout.startswith("1\t停电抢修\t黄色及以下\t")


def test_a_silence_without_end_or_of_nothing_is_refused(run: Run) -> None:
    told = ("--reason", "x", "--by", "zhang_min")
    assert "7 天之内" in run("silence", "add", "outage", "--for", "8d", *told).stderr
    assert "没有话题 nothing" in run("silence", "add", "nothing", "--for", "1h", *told).stderr
    assert "write 2h or 3d" in run("silence", "add", "outage", "--for", "soon", *told).stderr
    assert run("silence", "end", "7").stderr == "Error: 没有生效中的静默 7\n"


def test_a_held_letter_is_listed_as_held_with_its_reason(run: Run, spike_today: None) -> None:
    run("silence", "add", "outage", "--for", "2h", "--reason", "计划检修", "--by", "zhang_min", "--up-to", "orange")
    assert run("watch", "--once").exit_code == 0
    shown = run("outbox", "list").stdout
    assert "\theld\topened-acknowledge\t" in shown
    assert "暂缓：话题静默（张敏，事由：计划检修）" in shown
