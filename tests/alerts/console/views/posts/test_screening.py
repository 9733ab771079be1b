"""研判: judged with a button, one label for all copies; a slip is taken back; what strangers wrote does no harm."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.casefile.context import CaseContext
from alerts.desk.screening import UNDO_WITHIN
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.watch import Watcher
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.process.clock import ScriptedClock
from stream.state.labels import latest_labels
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import Browser, SignIn

Write = Callable[..., ScoredPost]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def unsure(index: SqliteIndexWriter, write: Write) -> ScoredPost:
    """A post of which the model is not sure."""
    post = write(1, "今晚又没电", label=Label.UNCERTAIN)
    index.put([post])
    return post


@pytest.fixture
def opened(context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], tmp_path: Path) -> int:
    """The number of a case that was opened just now."""
    rumour(30)
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    (seen,) = watcher.look(NOW)
    assert seen.case_id is not None
    return seen.case_id


def given(context: CaseContext) -> list[tuple[str | None, Label, str, int | None]]:
    return [(one.post_id, one.label, one.by, one.case_id) for one in latest_labels(context.engine)]


@pytest.mark.parametrize("label", list(Label))
def test_a_post_is_judged_with_one_button_and_leaves_the_list(
    signed_in: SignIn, context: CaseContext, unsure: ScoredPost, label: Label
) -> None:
    browser = signed_in("zhang_min")
    assert "今晚又没电" in browser.get("/screening").text
    answer = browser.post("/screening", label=label.value)
    assert (answer.status_code, answer.headers["location"]) == (303, "/screening?hours=24")
    assert given(context) == [(unsure.id, label, "张敏", None)]
    page = browser.get("/screening").text
    assert "用于检验模型，不改变帖子与事件" in page
    assert "没有待看的帖子" in page
    assert "今晚又没电" not in page


def test_whoever_works_here_may_judge(signed_in: SignIn, context: CaseContext, unsure: ScoredPost) -> None:
    assert signed_in("sun_li").post("/screening", label="neutral").status_code == 303
    assert given(context)[0][2] == "孙丽"


def test_looking_changes_nothing(signed_in: SignIn, context: CaseContext, unsure: ScoredPost) -> None:
    browser = signed_in("zhang_min")
    assert browser.get(f"/screening?post={unsure.id}&label=negative").status_code == 200
    assert browser.get("/screening/undo").status_code == 405
    assert given(context) == []


def test_claims_of_danger_come_first_and_copies_are_one(
    signed_in: SignIn, index: SqliteIndexWriter, write: Write, unsure: ScoredPost
) -> None:
    index.put([write(n, "传言原句", label=Label.UNCERTAIN, fingerprint="a" * 16) for n in range(2, 6)])
    page = signed_in("zhang_min").get("/screening").text
    assert page.count("传言原句") == 1
    assert "另有 3 条同文，一并判断" in page
    assert "待看 2 条（同文合为一条）" in page


def test_a_post_is_attached_to_a_case(signed_in: SignIn, context: CaseContext, opened: int, unsure: ScoredPost) -> None:
    browser = signed_in("zhang_min")
    assert f'<option value="{opened}">' in browser.get("/screening").text
    browser.post("/screening", label="negative", case=f"事件{opened}")
    assert given(context) == [(unsure.id, Label.NEGATIVE, "张敏", opened)]
    assert f"附于事件{opened}" in browser.get("/screening").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"case": "九"}, "「九」不是事件编号"),
        ({"case": "9"}, "没有事件 9"),
        ({"label": "angry"}, "请选择负面、中性、正面或看不准"),
        ({"seen": "0" * 32}, "刚刚有改动"),
        ({"post": "0" * 32}, "没有帖子 0000"),
    ],
)
def test_a_mistake_is_told_beside_the_post_and_nothing_is_kept(
    signed_in: SignIn, context: CaseContext, unsure: ScoredPost, changes: dict[str, str], words: str
) -> None:
    answer = signed_in("zhang_min").post("/screening", **({"label": "negative"} | changes))
    assert answer.status_code == 409
    assert words in answer.text
    assert f'value="{changes.get("case", "")}"' in answer.text
    assert given(context) == []


def test_of_two_who_judge_the_same_post_the_last_one_counts(
    signed_in: SignIn, context: CaseContext, unsure: ScoredPost
) -> None:
    one, other = signed_in("zhang_min"), signed_in("li_qiang")
    late = other.form("/screening", "/screening")
    one.post("/screening", label="negative")
    assert other.send("/screening", late | {"label": "neutral"}).status_code == 303
    assert given(context) == [(unsure.id, Label.NEUTRAL, "李强", None)]


def test_a_slip_is_taken_back_once_and_by_its_own_person(
    signed_in: SignIn, context: CaseContext, unsure: ScoredPost
) -> None:
    browser = signed_in("zhang_min")
    browser.post("/screening", label="positive")
    assert "撤销" not in signed_in("li_qiang").get("/screening").text.split("键盘")[0]
    form = browser.form("/screening", "/screening/undo")
    assert browser.send("/screening/undo", form).status_code == 303
    assert "已撤销「正面」" in browser.get("/screening").text
    assert given(context) == []
    again = browser.send("/screening/undo", form)
    assert (again.status_code, "没有可以撤销的判断" in again.text) == (409, True)


def test_ten_minutes_later_nothing_is_offered_to_be_taken_back(
    signed_in: SignIn, context: CaseContext, clock: ScriptedClock, unsure: ScoredPost
) -> None:
    browser = signed_in("zhang_min")
    browser.post("/screening", label="positive")
    form = browser.form("/screening", "/screening/undo")
    clock.turn_to(clock.now() + UNDO_WITHIN + MINUTE)
    assert "/screening/undo" not in browser.get("/screening").text
    assert browser.send("/screening/undo", form).status_code == 409
    assert len(given(context)) == 1


def test_what_strangers_wrote_is_shown_and_does_nothing(
    signed_in: SignIn, index: SqliteIndexWriter, write: Write
) -> None:
    hostile = '<script>alert(1)</script>\u202e反 =HYPERLINK("http://evil.example.com") 13812345678 ' + "长" * 100_000
    index.put([write(1, hostile, title="<img src=x onerror=alert(1)>", board="<b>", label=Label.UNCERTAIN)])
    answer = signed_in("zhang_min").get("/screening")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "\u202e" not in answer.text
    assert "13812345678" not in answer.text
    assert "http://evil.example.com" not in answer.text
    assert len(answer.content) < 20_000


def test_a_full_page_is_light(signed_in: SignIn, index: SqliteIndexWriter, write: Write) -> None:
    index.put([write(n, "停电" * 400, label=Label.UNCERTAIN) for n in range(40)])
    browser: Browser = signed_in("zhang_min")
    page = browser.get("/screening")
    assert page.text.count('class="card"') == 15
    assert len(page.content) < 100_000
    assert "后面 25 条" in page.text
    assert "后面" not in browser.get("/screening?skip=30").text
    assert "已看到末尾" in browser.get("/screening?skip=99").text


@pytest.mark.parametrize("asked", ["hours=-1", "hours=x", "skip=-5", "skip=１２", "hours=999999999&skip=1e9"])
def test_an_address_that_was_meddled_with_shows_the_usual_list(
    signed_in: SignIn, unsure: ScoredPost, asked: str
) -> None:
    assert "今晚又没电" in signed_in("zhang_min").get(f"/screening?{asked}").text


def test_without_the_index_the_page_says_so_and_shows_the_rest(away: Browser) -> None:
    page = away.get("/screening")
    assert page.status_code == 200
    assert "待看的帖子暂时读不到，请稍后刷新（the index is away）" in page.text
