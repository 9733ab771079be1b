import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade, Measure, grade
from alerts.detection.signals import Coverage, Finding, Reason, Signal, State
from alerts.notify.letters import Delivery, Letter, Occasion, Subject
from alerts.notify.letters import write as write_letter
from alerts.notify.quotes import quote
from alerts.workflow.cases import Case
from alerts.workflow.ladder import begin
from alerts.workflow.rules import Verdict
from stream.messages import ScoredPost

Write = Callable[..., ScoredPost]
Compose = Callable[..., Letter]
Claims = tuple[tuple[str, int], ...]

HOSTILE = [
    "line\u2028separator\u2029here",
    "\ud800 lone \udfff surrogates",
    "x\r\nBcc: victim@evil.com\r\n\r\nbody",
    "{{ config }} {% include '/etc/passwd' %} {{ ''.__class__ }}",
    "<script>alert(1)</script><img src=http://evil.com/x.png onerror=alert(1)>",
    "\u202e\u200b\u200f\ufeff" * 50,
    "[CLS][SEP]" * 500,
    "%s %(x)s {0} {measured}",
    "啊" * 10_000_000,
    "👩‍👩‍👧‍👦" * 200 + "\x00\x07\x1b[31m",
    "",
]


@pytest.fixture
def compose(config: AlertsConfig, now: datetime, write: Write) -> Compose:
    def letter(
        *texts: str,
        verdict: Verdict | None = None,
        occasion: Occasion = Occasion.OPENED,
        claims: Claims = (),
        silent: str = "tieba",
    ) -> Letter:
        signal = Signal(
            topic="outage", state=State.SPIKE, at=now, window_start=now - timedelta(hours=1), since=now, total=45,
            negative=37, voices=28, texts=21, unscored=0, effective=25.0, expected=4.1, share=0.82, usual_share=0.2,
            cusum=9.0, residual=6.0, findings=tuple(Finding(reason, 9.0, 5.0) for reason in Reason), silent=(silent,),
        )  # fmt: skip
        case = Case(
            id=42, topic="outage", stage="screening", grade=Grade.YELLOW, opened_at=now, since=now, notified=25.0,
            peak=25.0, last_spike_at=now, verdict=verdict,
        )  # fmt: skip
        task = begin(case, "acknowledge", config.ladder, owner="dispatch", turn=0, now=now)
        subject = Subject(
            case=case, topic_name="停电抢修\r\nBcc: x@evil.com", signal=signal,
            grading=grade({Measure.NEGATIVE: 37, Measure.VOICES: 28}, config.grades),
            quotes=tuple(quote(replace(write(1), text=text, title=text[:50]), now) for text in texts),
            coverage=(Coverage("bbs", now, now), Coverage(silent, None, None)), claims=claims,
        )  # fmt: skip
        delivery = Delivery(
            occasion=occasion, step="opened-acknowledge", revision=0, person=config.people["zhang_min"],
            desk="宣传部舆情值班", task=task, next_desk="宣传部负责人",
        )  # fmt: skip
        return write_letter(subject, delivery, config, now)

    return letter


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_letter_tells_what_how_much_who_and_by_when(compose: Compose) -> None:
    message = parsed(compose("停电三天没人管").message)
    for words in (part(message, "plain"), part(message, "html")):
        for told in (
            "待核实",
            "37",
            "常态 4",
            "28",
            "停电三天没人管",
            "外部内容",
            "09月21日 15:02",
            "宣传部负责人",
            "bbs",
            "尚未应答",
        ):
            assert told in words, told
        assert "python -m alerts case act 42 acknowledge --by 张敏" in words
        assert "谣言" not in words.replace("请勿以“谣言”相称", "")


def test_a_claimed_danger_is_one_line_that_says_it_is_not_verified(compose: Compose) -> None:
    message = parsed(compose("x", claims=(("险情", 3), ("警情", 1))).message)
    line = "3 条称有险情、1 条称有警情，说到了地点和时间；是否属实，待核实"
    assert [part(message, kind).count(line) for kind in ("plain", "html")] == [1, 1]
    assert "说到了地点和时间" not in part(parsed(compose("x").message), "plain")


def test_the_headers_are_ours_and_deterministic(compose: Compose) -> None:
    letter = compose("Bcc: x@evil.com")
    message = parsed(letter.message)
    assert message["Subject"] == "[舆情·较大] 事件42 话题「停电抢修 Bcc: x@evil.com」负面 37（常态 4）"
    assert message["Message-ID"] == letter.message_id == compose("andere").message_id
    assert re.fullmatch(r"<42\.opened-acknowledge\.[0-9a-f]{8}\.0@wenfeng\.example\.com>", letter.message_id)
    assert message["In-Reply-To"] == message["References"] == "<42.root@wenfeng.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["List-Id"] == "<wenfeng.wenfeng.example.com>"
    assert message["Date"].datetime == datetime.fromisoformat("2026-09-21T06:02:00+00:00")
    assert message["Bcc"] is None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_post_changes_no_header_and_no_markup(compose: Compose, text: str) -> None:
    letter, harmless = compose(text), compose("harmless")
    head = [(name, value) for name, value in parsed(letter.message).items() if name != "Content-Type"]
    assert head == [(name, value) for name, value in parsed(harmless.message).items() if name != "Content-Type"]
    assert b"\n" not in letter.message.replace(b"\r\n", b"")
    html = part(parsed(letter.message), "html")
    assert "<script" not in html
    assert "<img" not in html
    assert "evil.com" not in html.replace("Bcc: x@evil.com", "")
    assert len(letter.message) < 60_000


def test_half_a_character_in_a_name_costs_no_letter(compose: Compose) -> None:
    assert "论坛?" in part(parsed(compose("停电", silent="论坛\ud83d").message), "plain")


def test_html_loads_nothing_and_links_nowhere(compose: Compose) -> None:
    html = part(parsed(compose("看 http://evil.com/a?b=1").message), "html")
    assert not re.search(r"(?i)(src|href|background|action)\s*=|url\(|@import|<link|<a\s", html)
    assert "hxxp://evil[.]com/a" in html


def test_the_plain_form_holds_no_post_text(compose: Compose) -> None:
    letter = compose("停电三天没人管")
    words = part(parsed(letter.plain), "plain")
    assert "停电三天没人管" not in words
    assert "本信不附帖文摘录" in words
    assert parsed(letter.plain)["Message-ID"] == letter.message_id


def test_the_verdict_is_named_once_there_is_one(compose: Compose) -> None:
    assert "核实结论：谣言" in part(parsed(compose("x", verdict=Verdict.RUMOUR).message), "plain")


def test_a_broken_template_still_makes_a_letter_that_says_so(
    compose: Compose, monkeypatch: pytest.MonkeyPatch, config: AlertsConfig
) -> None:
    monkeypatch.setattr("alerts.notify.letters.HEADINGS", dict.fromkeys(Occasion, "{{ broken"))
    monkeypatch.setattr("alerts.notify.letters.REASON_WORDS", {})  # the facts cannot even be put together
    words = part(parsed(compose("停电三天没人管").message), "plain")
    assert "本信为简版" in words
    assert "停电三天没人管" not in words
