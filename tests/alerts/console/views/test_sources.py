"""来源: by name, with a word, what is blind on top."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from alerts.console.door import Premises
from stream.state.database import transaction
from stream.state.source_health import SourceHealth
from tests.alerts.conftest import NOW
from tests.alerts.console.conftest import SignIn

HOUR = timedelta(hours=1)


def put(premises: Premises, source: str, **values: object) -> None:
    with transaction(premises.context.engine) as session:
        session.add(SourceHealth(source=source, site=source, **values))


def test_a_source_that_is_read_is_said_to_be_well(signed_in: SignIn, quiet_weeks: None) -> None:
    page = signed_in("sun_li").get("/sources").text
    assert "来源正常，最近采集" in page
    assert "<b>bbs</b>" in page
    assert "state-good" in page
    assert "9月21日11:02" in page  # its newest post
    assert "没有定时" in page


def test_what_is_blind_stands_on_top_with_what_to_do(signed_in: SignIn, premises: Premises, now: datetime) -> None:
    with transaction(premises.context.engine) as session:
        session.execute(update(SourceHealth).values(state="failed", fresh_until=now - HOUR))
    page = signed_in("zhang_min").get("/sources").text
    assert page.index("话题「停电抢修」的信息源全部读取不到") < page.index("<b>bbs</b>")
    assert "1 个来源中有 1 个读不到。" in page
    assert "state-bad" in page
    assert "请检查该网站能否打开" in page


def test_a_retired_source_is_folded(signed_in: SignIn, premises: Premises) -> None:
    put(premises, "old", state="ok", reason="", retired_at=NOW, succeeded_at=NOW)
    page = signed_in("zhang_min").get("/sources").text
    assert "已停用的来源（1）" in page


def test_without_a_source_the_page_says_that_nothing_is_seen(signed_in: SignIn, premises: Premises) -> None:
    with transaction(premises.context.engine) as session:
        session.execute(delete(SourceHealth))
    assert "什么也看不到" in signed_in("zhang_min").get("/sources").text


def test_a_far_side_s_words_are_shown_as_text(signed_in: SignIn, premises: Premises) -> None:
    put(premises, "evil", state="blocked", reason="<script>alert(1)</script>", succeeded_at=NOW, ended_at=NOW)
    page = signed_in("zhang_min").get("/sources").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
