"""Calibration on logits whose truth is known, because it was drawn from them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="make test brings scipy")

from nlp.inference.prediction import emotion_probabilities, polarity_probabilities
from nlp.scorer import EMOTIONS
from nlp.training.fit.calibration import (
    SURENESS,
    TEMPERATURES,
    WIDE_WEIGHTS,
    Judged,
    calibrate,
    dev_with_emotions,
    dev_with_polarities,
    emotions_of,
    fit_calibration,
    joint_share,
    joint_sureness,
    logit_offsets,
    wide_weight,
)
from nlp.training.metrics import calibration_errors
from nlp.training.texts.data import SENTENCES, Row
from nlp.training.texts.evaluation_sets import MOSTLY_NEUTRAL
from tests.nlp.training.toy import POLARITY, labelled, rows, write_data

ROWS = 3000


def drawn(sharpness: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are true, scaled by `sharpness`, and polarities drawn from what they say unscaled."""
    random = np.random.default_rng(seed)
    honest = random.normal(0, 2, (ROWS, 6))
    polarity = polarity_probabilities(emotion_probabilities(honest, 1.0))
    truth = (polarity.cumsum(1) > random.random((ROWS, 1))).argmax(1)
    return (honest * sharpness).astype(np.float32), truth


def all_alike(logits: np.ndarray, truth: np.ndarray) -> Judged:
    return Judged(logits, truth, np.ones(len(truth), bool), np.ones(len(truth)))


def error(logits: np.ndarray, truth: np.ndarray, temperature: float) -> float:
    polarity = polarity_probabilities(emotion_probabilities(logits, temperature))
    once = np.ones((1, len(truth)), np.float32)
    return float(calibration_errors(once, polarity.argmax(1) == truth, polarity.max(1))[0])


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0, 3.5])
def test_the_temperature_undoes_what_the_logits_were_scaled_by(sharpness: float) -> None:
    found = fit_calibration(all_alike(*drawn(sharpness)), 0.1)
    assert found.temperature == pytest.approx(sharpness, rel=0.08)


@pytest.mark.parametrize("sharpness", [0.4, 3.0])
def test_calibration_reduces_the_error_of_miscalibrated_logits_on_other_rows(sharpness: float) -> None:
    found = fit_calibration(all_alike(*drawn(sharpness)), 0.1)
    unseen, truth = drawn(sharpness, seed=2)
    assert error(unseen, truth, found.temperature) < 0.03 < error(unseen, truth, 1.0)


def test_the_temperature_stays_within_its_bounds() -> None:
    for sharpness in (0.01, 100.0):
        assert TEMPERATURES[0] <= fit_calibration(all_alike(*drawn(sharpness)), 0.1).temperature <= TEMPERATURES[1]


@settings(deadline=None, max_examples=15)
@given(st.floats(0.02, 0.6))
def test_below_the_threshold_lies_the_share_that_abstains(abstain: float) -> None:
    logits, truth = drawn(1.0)
    found = fit_calibration(all_alike(logits, truth), abstain)
    confidence = polarity_probabilities(emotion_probabilities(logits, found.temperature)).max(1)
    assert (confidence < found.threshold).mean() == pytest.approx(abstain, abs=0.01)


def row(emotion: str) -> Row:
    [found] = rows([{"text": "停电了", "emotion": emotion, "polarity": POLARITY.get(emotion), "source": "smp_usual"}])
    return found


def test_a_row_without_a_polarity_calibrates_nothing() -> None:
    known = [row("happy"), row("surprise"), row("sad")]
    logits = np.array([[2.0, 0, 0, 0, 0, 0], [9.0, 0, 0, 0, 0, 0], [0, 0, 0, 2.0, 0, 0]], np.float32)
    with_it = calibrate({"usual": logits}, {"usual": known}, 0.5)
    without_it = calibrate({"usual": logits[[0, 2]]}, {"usual": [known[0], known[2]]}, 0.5)
    assert with_it == without_it


def test_a_small_set_counts_as_much_as_a_large_one() -> None:
    known = many({"happy": 30, "sad": 30})
    sharp, flat = 4 * np.eye(6, dtype=np.float32)[emotions_of(known)], np.zeros((60, 6), np.float32)
    flat[:, 0] = 1.0  # sure of joy, and wrong half of the time
    alone = calibrate({"virus": flat}, {"virus": known}, 0.25).temperature
    few = calibrate({"usual": sharp, "virus": flat[25:35]}, {"usual": known, "virus": known[25:35]}, 0.25)
    all_of_them = calibrate({"usual": sharp, "virus": flat}, {"usual": known, "virus": known}, 0.25)
    assert few.temperature == pytest.approx(all_of_them.temperature, rel=0.01)
    assert all_of_them.temperature < alone


def test_where_neutral_is_no_label_a_leaning_to_it_is_no_mistake() -> None:
    said = ["positive", "positive", "negative"]
    reviews = rows([{"text": "房间很干净", "emotion": None, "polarity": one, "source": "chnsenticorp"} for one in said])
    leaning = np.tile(np.array([2.0, 3.0, 0, 0, 0, 0], np.float32), (3, 1))
    without = leaning * np.array([name != "neutral" for name in EMOTIONS], np.float32)
    one, other = (calibrate({"chnsenticorp": given}, {"chnsenticorp": reviews}, 0.5) for given in (leaning, without))
    assert one.temperature == pytest.approx(other.temperature, rel=0.01)
    assert one.temperature > 1, "two of three are right, which it was surer of"


def many(count: dict[str, int]) -> list[Row]:
    return [row(emotion) for emotion, times in count.items() for _ in range(times)]


def test_offsets_mend_a_leaning_towards_the_negative() -> None:
    known = many({"happy": 40, "neutral": 40, "angry": 40})
    truth = emotions_of(known)
    random = np.random.default_rng(4)
    fair = (3 * np.eye(6)[truth] + random.normal(0, 1.5, (len(truth), 6))).astype(np.float32)
    leaning = fair + 2.0 * np.array([name in ("angry", "sad", "fear") for name in EMOTIONS], np.float32)
    offsets = logit_offsets({"usual": leaning}, {"usual": known})
    named = [
        (polarity_probabilities(emotion_probabilities(logits, 1.0)).argmax(1) == 0).mean()
        for logits in (leaning, leaning + offsets)
    ]
    assert named[0] > 0.45
    assert named[1] == pytest.approx(1 / 3, abs=0.06)


def test_offsets_move_the_negative_emotions_alike_and_leave_joy_and_surprise() -> None:
    known = many({"happy": 20, "neutral": 20, "sad": 20})
    logits = np.random.default_rng(5).normal(0, 1, (60, 6)).astype(np.float32)
    found = dict(zip(EMOTIONS, logit_offsets({"usual": logits}, {"usual": known}).tolist(), strict=True))
    assert found["happy"] == found["surprise"] == 0
    assert found["angry"] == found["sad"] == found["fear"]


def test_the_wide_part_is_added_where_it_knows_better() -> None:
    known = many(dict.fromkeys(EMOTIONS, 10))
    truth = emotions_of(known)
    right, wrong = np.eye(6, dtype=np.float32)[truth], np.eye(6, dtype=np.float32)[(truth + 1) % 6]
    assert wide_weight({"usual": right}, {"usual": wrong}, {"usual": known}) == WIDE_WEIGHTS[0] == 0
    assert wide_weight({"usual": wrong}, {"usual": right}, {"usual": known}) > 1


def test_of_two_sets_the_mean_decides() -> None:
    known = many(dict.fromkeys(EMOTIONS, 10))
    truth = emotions_of(known)
    right, wrong = np.eye(6, dtype=np.float32)[truth], np.eye(6, dtype=np.float32)[(truth + 1) % 6]
    few = [known[place] for place in range(0, 60, 10)]
    sets = {"usual": known, "virus": few}
    encoder = {"usual": wrong, "virus": np.eye(6, dtype=np.float32)}
    assert wide_weight(encoder, {"usual": right, "virus": np.eye(6, dtype=np.float32)}, sets) > 1


def probabilities_of(rows: list[Row], right: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Hold each row's emotion, or where it is not `right` the next one, for as likely as `sure` says."""
    told = (emotions_of(rows) + ~right) % len(EMOTIONS)
    found = np.repeat(((1 - sure) / (len(EMOTIONS) - 1))[:, None], len(EMOTIONS), axis=1)
    found[np.arange(len(rows)), told] = sure
    return np.asarray(found)


def test_the_word_of_whichever_model_is_right_counts_more() -> None:
    rows = many({"happy": 40, "angry": 40, "neutral": 40})
    everywhere, sure = np.ones(120, bool), np.full(120, 0.8)
    right, wrong = (probabilities_of(rows, flags, sure) for flags in (everywhere, ~everywhere))
    assert joint_share(wrong, right, {"dev": rows}) > 0.5
    assert joint_share(right, wrong, {"dev": rows}) < 0.5


def test_the_fast_models_word_stands_where_it_is_sure_and_right_and_no_lower() -> None:
    rows = many({"happy": 40, "angry": 40, "neutral": 40})
    sure = np.tile([0.9, 0.62], 60)
    fast = probabilities_of(rows, sure > 0.7, sure)
    larger = probabilities_of(rows, np.ones(120, bool), np.full(120, 0.99))
    assert joint_sureness(fast, larger, 0.8, {"dev": rows}) == 0.65


def test_where_the_fast_model_is_sure_and_wrong_everything_is_read_again() -> None:
    rows = many({"happy": 40, "angry": 40, "neutral": 40})
    fast = probabilities_of(rows, np.zeros(120, bool), np.full(120, 1.0))
    larger = probabilities_of(rows, np.ones(120, bool), np.full(120, 0.99))
    assert joint_sureness(fast, larger, 1.0, {"dev": rows}) == SURENESS[-1] > 1


def test_the_dev_sets_with_emotions_are_read_without_what_has_no_words(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    with (data / "sentiment" / "dev_smp_usual.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "...", "emotion": "sad", "polarity": "negative"}\n')
    found = dev_with_emotions(data)
    assert set(found) == {"usual", "virus"}
    all_of_them = dev_with_polarities(data)
    assert set(all_of_them) == {"usual", "virus", "chnsenticorp", MOSTLY_NEUTRAL, SENTENCES}
    shares = Counter(row.polarity for row in all_of_them[MOSTLY_NEUTRAL])
    assert shares["neutral"] == 32
    assert sum(shares.values()) == round(32 / 0.6)
    assert len(found["usual"]) == len(labelled())
    assert emotions_of(found["usual"]).tolist() == [place for place in range(6) for _ in range(16)]


def test_a_row_without_an_emotion_is_none_of_them() -> None:
    with pytest.raises(ValueError, match="tuple"):
        emotions_of([replace(row("sad"), emotion=None)])
