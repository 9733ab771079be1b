from dataclasses import replace
from datetime import timedelta

from alerts.claims.claim import Claim
from alerts.claims.recognition import expired, recognise, recognise_each
from tests.alerts.claims.conftest import TODAY, claim_of

SAME, LIKE = "东岗变电站发生爆炸，三人死亡了", "变电站发生爆炸，听说有人死亡"
QUEUE = claim_of(4, "营业厅排队三小时，没人理睬")


def test_a_text_that_repeats_a_claim_is_named_with_what_was_answered(explosion: Claim) -> None:
    (found,) = recognise_each([QUEUE, explosion], ["今天下雨", SAME], TODAY)
    assert found.text == 1
    assert (found.known.id, found.known.sure, found.known.statement) == (3, True, "经核实并无此事")
    assert (found.known.verdict, found.known.owner, found.known.claim) == ("rumour", "dispatch", explosion.claim)


def test_a_claim_holds_on_its_last_day_and_is_only_suggested_after_it(explosion: Claim) -> None:
    assert [expired(day, TODAY) for day in (None, TODAY, TODAY - timedelta(days=1))] == [False, False, True]
    for day, sure in ((TODAY, True), (TODAY - timedelta(days=1), False)):
        (found,) = recognise_each([replace(explosion, valid_until=day)], [SAME], TODAY)
        assert found.known.sure is sure


def test_a_sure_claim_comes_before_one_that_more_posts_may_mean(explosion: Claim) -> None:
    found = recognise([explosion, QUEUE], [(SAME, 1), ("营业厅排队没有人理睬大家", 50)], TODAY)
    assert found is not None
    assert (found.id, found.sure) == (3, True)


def test_of_equals_the_one_that_more_posts_repeat(explosion: Claim) -> None:
    texts = [(SAME, 2), ("营业厅排队三小时，没人理睬", 30)]
    found = recognise([explosion, QUEUE], texts, TODAY)
    assert found is not None
    assert found.id == 4


def test_a_wave_that_repeats_nothing_knows_no_claim(explosion: Claim) -> None:
    assert recognise([explosion], [("今天下雨", 9), ("东岗变电站爆炸是谣言", 9)], TODAY) is None
    assert recognise([], [(SAME, 1)], TODAY) is None
    assert recognise([explosion], [], TODAY) is None
