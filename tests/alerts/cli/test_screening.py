from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from alerts.cli.screening import item_line
from alerts.desk.screening import ScreeningItem
from alerts.notify.contents.quotes import quote
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from tests.alerts.cli.conftest import Run

Write = Callable[..., ScoredPost]


def test_a_person_labels_what_the_list_shows(run: Run, index: SqliteIndexWriter, write: Write) -> None:
    post = write(1, label=Label.UNCERTAIN, cues=("danger",), at=datetime.now(UTC) - timedelta(hours=1))
    index.put([post])
    assert run("screening", "list").stdout.startswith(f"{post.id}\t")
    assert run("screening", "label", "0" * 32, "neutral", "--by", "zhang_min").stderr.startswith("Error: 没有帖子")
    assert "people" in run("screening", "label", post.id, "neutral", "--by", "路人").stderr
    assert "没有事件 9" in run("screening", "label", post.id, "neutral", "--by", "张敏", "--case", "9").stderr
    assert run("screening", "label", post.id, "angry", "--by", "张敏").exit_code == 2
    done = run("screening", "label", post.id, "neutral", "--by", "zhang_min")
    assert done.stdout == f"已记录：{post.id} neutral（张敏）\n"
    assert run("screening", "list").stdout == "没有待看的帖子\n"


def test_a_person_who_cannot_tell_is_not_asked_again_and_a_slip_is_taken_back(
    run: Run, index: SqliteIndexWriter, write: Write
) -> None:
    post = write(1, label=Label.UNCERTAIN, at=datetime.now(UTC) - timedelta(hours=1))
    index.put([post])
    assert run("screening", "label", post.id, "uncertain", "--by", "张敏").exit_code == 0
    assert run("screening", "list").stdout == "没有待看的帖子\n"
    assert "没有可以撤销的判断" in run("screening", "undo", "--by", "li_qiang").stderr
    assert run("screening", "undo", "--by", "张敏").stdout == f"已撤销：{post.id} uncertain（张敏）\n"
    assert run("screening", "list").stdout.startswith(post.id)


def test_a_line_says_that_a_claim_is_not_verified_and_names_nobody(write: Write, now: datetime) -> None:
    post = write(1, "找张小明经理 13812345678\n停电了")
    line = item_line(ScreeningItem(post.id, post.charted_at, quote(post, now), ("险情", "警情")))
    assert "\t称有险情、警情，待核实\t" in line
    assert line.endswith("\t找张某经理 ［号码］ 停电了")
    bare = item_line(ScreeningItem(post.id, post.charted_at, quote(post, now), ()))
    assert "待核实" not in bare
    assert bare.count("\t") == line.count("\t") == 4
    copied = item_line(ScreeningItem(post.id, post.charted_at, quote(post, now), ("险情",), copies=3))
    assert "\t称有险情，待核实；另有 2 条同文，一并判断\t" in copied
