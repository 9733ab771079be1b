"""The matcher on claims of many sectors, and what it found there: see claims.yml."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_load

from alerts.claims.matching import SUGGEST, SURE, ClaimMatcher

KINDS = ("same", "near", "denied")
PARTS = ("tuned", "held", "later")
PATH = Path(__file__).parent / "claims.yml"


@dataclass(frozen=True)
class Score:
    """What came of one part of the claims at one threshold."""

    right: int
    missed: int
    near: int
    denied: int
    other: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.near + self.denied + self.other)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = safe_load(PATH.read_text("utf-8"))
    return found


def part_of(number: int, one: dict[str, Any]) -> str:
    return "later" if one.get("later") else PARTS[number % 2]


def measure(told: list[dict[str, Any]], part: str, *, sure: bool) -> Score:
    matcher = ClaimMatcher([one["claim"] for one in told])
    hits = {
        (number, kind, at): match.claim
        for number, one in enumerate(told)
        for kind in KINDS
        for at, match in enumerate(matcher.match(one[kind]))
        if match is not None and (match.sure or not sure)
    }
    parts = [part_of(number, one) for number, one in enumerate(told)]
    mine = [(number, kind, claim) for (number, kind, _), claim in hits.items() if parts[number] == part]
    right = sum(kind == "same" and claim == number for number, kind, claim in mine)
    posts = sum(len(one["same"]) for number, one in enumerate(told) if parts[number] == part)
    return Score(
        right, posts - right, sum(kind == "near" for _, kind, _ in mine), sum(kind == "denied" for _, kind, _ in mine),
        sum(kind == "same" and claim != number for number, kind, claim in mine),
    )  # fmt: skip


def test_the_set_is_what_it_says_it_is(told: list[dict[str, Any]]) -> None:
    texts = [text for one in told for kind in KINDS for text in one[kind]]
    assert len(told) >= 20
    assert len({one["sector"] for one in told}) >= 15
    assert {(len(one["same"]), len(one["near"]), len(one["denied"])) for one in told} == {(8, 4, 4)}
    assert len(texts) == len(set(texts))


def test_precision_and_recall_at_both_thresholds(
    told: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = {(part, sure): measure(told, part, sure=sure) for part in PARTS for sure in (False, True)}
    with capsys.disabled():
        print(f"\nclaims: {'part':6} {'threshold':14} precision recall near denied other claim")
        for (part, sure), one in names.items():
            name = f"{'sure' if sure else 'suggest'} {SURE if sure else SUGGEST}"
            print(
                f"        {part:6} {name:14} {one.precision:9.3f} {one.recall:6.3f}"
                f" {one.near:4} {one.denied:6} {one.other:11}"
            )
    for part in ("held", "later"):
        assert names[part, False].precision >= 0.90
        assert names[part, False].recall >= 0.92
        assert names[part, True].precision >= 0.94
        assert names[part, True].recall >= 0.74
    assert {one.denied for one in names.values()} == {0}, "no denial is taken for the claim"
    assert {one.other for one in names.values()} == {0}


def test_each_claim_repeats_itself_for_sure(told: list[dict[str, Any]]) -> None:
    claims = [one["claim"] for one in told]
    found = ClaimMatcher(claims).match(claims)
    assert [(one.claim, one.sure, round(one.score, 5)) for one in found if one] == [
        (number, True, 1.0) for number in range(len(claims))
    ]


def test_a_claim_is_found_inside_a_long_post_and_by_its_name_alone_it_is_not() -> None:
    claim = "东岗变电站发生爆炸，三人死亡"
    filler = "今天天气不错，出门买菜遇到老同学，聊了很久孩子上学的事情。" * 20
    matcher = ClaimMatcher([claim])
    (found,) = matcher.match([f"{filler}听说东岗变电站爆炸了，三人死亡。{filler}"])
    assert found is not None
    assert found.sure
    assert matcher.match([f"{filler}东岗变电站旁边新开了一家面馆。", filler, "", "！？"]) == [None] * 4


def test_without_the_name_it_is_only_suggested() -> None:
    matcher = ClaimMatcher(["东岗变电站发生爆炸，三人死亡"])
    (found,) = matcher.match(["刚才变电站发生爆炸，三人死亡"])
    assert found is not None
    assert (found.sure, found.score >= SURE) == (False, True)


def test_a_library_without_claims_matches_nothing() -> None:
    assert ClaimMatcher([]).match(["东岗变电站爆炸"]) == [None]


@given(st.lists(st.text(max_size=200), max_size=5), st.lists(st.text(max_size=40), max_size=4))
def test_any_text_is_held_against_any_claim(texts: list[str], claims: list[str]) -> None:
    found = ClaimMatcher(claims).match(texts)
    assert len(found) == len(texts)
    assert all(one is None or (SUGGEST <= one.score <= 1.0 and one.claim < len(claims)) for one in found)


@pytest.mark.slow
def test_ten_thousand_posts_and_a_hundred_claims_take_seconds(told: list[dict[str, Any]]) -> None:
    claims = [f"{one['claim']}，{place}" for one in told for place in ("城东", "城西", "城南", "城北", "郊区")]
    texts = [text for one in told for kind in KINDS for text in one[kind]]
    posts = [texts[n % len(texts)] + texts[(n * 7 + 3) % len(texts)] for n in range(10_000)]
    began = perf_counter()
    ClaimMatcher(claims).match(posts)
    assert perf_counter() - began < 60  # some five on a machine that does nothing else
