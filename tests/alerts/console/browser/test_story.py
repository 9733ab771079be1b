"""The demo's story clicked through in a browser, each act from the letter that asks for it; with a stopwatch."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from time import monotonic

import pytest

from alerts.console.door import Premises
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.watch import Watcher
from stream.process.clock import ScriptedClock
from tests.alerts.console.browser.conftest import Look, Told
from tests.alerts.console.browser.looking import Looker

OFFICER, HEAD, LEADER, HANDLER = "zhang_min", "li_qiang", "wang_fang", "chen_wei"
PASSWORD = "夜班也要睡得着觉的一句话"
STATEMENT = "今日下午系年度消防演练，未发生爆炸，无人员伤亡，供电未受影响，也没有停电计划。"
# Card, Moran and Newell (1983), the keystroke-level model: to make up one's mind, to point, to press; a key of an
# average typist. What a person needs beside what the machine does.
MIND, POINT, PRESS, KEY = 1.35, 1.1, 0.2, 0.28  # seconds
SIGNED, JUDGED, TAPS = 20.0, 120.0, 3  # seconds from the letter; taps until it is signed for


@dataclass
class Watch:
    """A stopwatch over one person's way: the machine's seconds, and what a person needs to point and to type."""

    taps: int = 0
    keys: int = 0
    began: float = field(default_factory=monotonic)

    @property
    def seconds(self) -> float:
        return monotonic() - self.began + self.taps * (MIND + POINT + PRESS) + self.keys * KEY

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s, {self.taps} taps, {self.keys} keys"


@dataclass
class Way:
    """A person's way through a case in a browser."""

    look: Looker
    case_id: int
    watch: Watch = field(default_factory=Watch)

    def tap(self, selector: str) -> None:
        self.watch.taps += 1
        self.look.tap(selector)
        assert self.look.sticks_out() == []

    def type(self, selector: str, words: str) -> None:
        self.watch.keys += len(words)
        self.look.type(selector, words)

    def read(self, letter: EmailMessage) -> None:
        """Opens a letter as a mail program shows it."""
        part = letter.get_body(("html",))
        assert part is not None
        self.look.page.set_content(part.get_content())

    def act(self, action: str, *chosen: str, note: str = "", statement: str = "") -> None:
        """Fills in the form of an action, and sends it; `chosen` are values of what is to be chosen."""
        form = f"form#act-{action}"
        if self.look.page.locator(form).count() == 0:
            raise LookupError(f"{action} is not offered here: {self.look.words()[:600]}")
        if not self.look.page.locator(form).first.is_visible():
            self.tap(f"details:has({form}) > summary")
        for value in chosen:
            self.watch.taps += 1
            self.look.page.locator(f"{form} input[value='{value}']").first.check()
        for name, words in (("statement", statement), ("note", note)):
            if words:
                self.type(f"{form} textarea[name={name}]", words)
        self.tap(f"{form} button")

    def is_offered(self, action: str) -> bool:
        return self.look.page.locator(f"form#act-{action}").count() > 0


def digits_of(letter: EmailMessage) -> str:
    """The four digits beside the link, as a person reads them."""
    part = letter.get_body(("plain",))
    assert part is not None
    found = re.search(r"四位码\D{0,6}(\d{4})", part.get_content())
    assert found is not None, part.get_content()
    return found[1]


@pytest.fixture(params=[("phone", False, True), ("desk", True, False)], ids=["phone, light", "desk, dark, no scripts"])
def ways(request: pytest.FixtureRequest, look: Look, told: Told) -> dict[str | None, Way]:
    """A browser for each of the story's people, and one in which nobody has signed in."""
    size, dark, scripts = request.param
    return {
        person: Way(look(person, size, dark=dark, scripts=scripts), told.case_id)
        for person in (None, OFFICER, HEAD, LEADER, HANDLER)
    }


def test_from_the_letter_to_its_end(
    ways: dict[str | None, Way], told: Told, watcher: Watcher, clock: ScriptedClock, served: Premises,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    letter, way = told.letter("zhang.min"), ways[None]
    way.watch = Watch()
    way.read(letter)
    way.tap("a[href*='/a/']")
    way.type("[name=digits]", digits_of(letter))
    way.tap("main form button")
    assert "已签收" in way.look.words()
    signed = str(way.watch)
    assert way.watch.taps <= TAPS
    assert way.watch.seconds <= SIGNED, signed

    set_password(way, told)
    ways[OFFICER] = way  # who sets a password is signed out everywhere else
    way.look.open(f"/case/{told.case_id}")
    way.act("judge", note="多名市民反映同一件事，文字雷同，需核实")
    assert "已办理" in way.look.words()
    assert way.watch.seconds <= JUDGED, str(way.watch)
    with capsys.disabled():
        print(f"\nsigned for in {signed}; judged, password set on the way, in {way.watch}")

    steps = [
        (HEAD, "report", (), {"note": "已电话报舆情工作组"}),
        (HANDLER, "verify", ("rumour",), {"note": "现场核实：年度消防演练，无爆炸、无伤亡"}),
        (OFFICER, "draft", (), {"statement": STATEMENT}),
        (LEADER, "send_back", (), {"note": "请补充致歉"}),
        (OFFICER, "draft", (), {"statement": f"{STATEMENT}此次演练未提前公告，我们深表歉意。"}),
        (HEAD, "approve", (), {}),
        (HEAD, "clarify", (), {"note": "已在论坛置顶发布情况说明"}),
        (OFFICER, "guide", (), {"note": "逐帖答复疑问"}),
    ]
    for person, action, chosen, typed in steps:
        clock.sleep(60)
        watcher.deliver(clock.now())
        way = ways[person]
        way.look.open(f"/case/{told.case_id}")
        if action == "approve":
            ways[OFFICER].look.open(f"/case/{told.case_id}")
            assert not ways[OFFICER].is_offered("approve"), "who wrote the statement does not stand for it alone"
        way.act(action, *chosen, **typed)
        assert "已办理" in way.look.words(), action
    assert _stage(served, told) == "tracking"
    end(ways, told, clock)
    assert _stage(served, told) == "archived"


def set_password(way: Way, told: Told) -> None:
    """Sets the officer's password by the link of the first letter, which signs in."""
    way.look.page.goto(next(link for link in told.links("zhang.min") if "/welcome/" in link))
    for box in way.look.page.locator("main input[type=password]").all():
        way.watch.keys += len(PASSWORD)
        box.fill(PASSWORD)
    way.tap("main form button")


def end(ways: dict[str | None, Way], told: Told, clock: ScriptedClock) -> None:
    """Closes the case while its topic still rises, which is asked twice, and reviews it."""
    officer, head = ways[OFFICER], ways[HEAD]
    officer.look.open(f"/case/{told.case_id}")
    officer.act("close", note="回落，办结销号")
    assert officer.look.page.locator("form#act-close textarea[name=note]").input_value() == "回落，办结销号"
    officer.watch.taps += 1
    officer.look.page.locator("form#act-close input[name=confirm]").check()
    officer.tap("form#act-close button")
    clock.sleep(60)
    head.look.open(f"/case/{told.case_id}")
    head.act("review", note="教训：演练应提前两天公告")
    assert "已办理" in head.look.words()


def _stage(served: Premises, told: Told) -> str:
    context = served.context
    return read_details(Register(context.engine, context.config, context.topics), told.case_id).case.stage


def test_two_people_who_fill_in_one_form_are_told_and_lose_no_word(ways: dict[str | None, Way], told: Told) -> None:
    officer, head = ways[OFFICER], ways[HEAD]
    for one in (officer, head):
        one.look.open(f"/case/{told.case_id}")
    officer.act("acknowledge")
    officer.act("judge", note="需核实")
    typed = "我也认为属实，已电话联系站长"
    if head.look.page.locator("form#act-judge").count() == 0:
        pytest.fail("the head may judge as well")
    head.act("judge", note=typed)
    words = head.look.words()
    assert "张敏" in words
    assert typed in words or any(typed == box.input_value() for box in head.look.page.locator("textarea").all())


def test_a_session_that_ends_while_somebody_types_loses_no_word(
    ways: dict[str | None, Way], told: Told, clock: ScriptedClock
) -> None:
    officer, typed = ways[None], "写了十分钟的研判意见"
    set_password(officer, told)
    officer.look.open(f"/case/{told.case_id}")
    officer.act("acknowledge")
    clock.sleep(13 * 3600)
    officer.act("judge", note=typed)
    assert "登录" in officer.look.words()
    officer.type("[name=name]", "张敏")
    officer.type("[name=password]", PASSWORD)
    officer.tap("main form button")
    assert any(typed == box.input_value() for box in officer.look.page.locator("main textarea").all())
    officer.tap("main form button")
    assert typed in officer.look.page.content()
