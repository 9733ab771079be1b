"""What fine-tuning minimises, against numbers reckoned by hand."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")

from nlp.scorer import EMOTIONS  # noqa: E402
from nlp.training.fit.loss import distillation_loss, partial_label_loss  # noqa: E402

ALL = [True] * 6
NEGATIVE = [name in ("angry", "sad", "fear") for name in EMOTIONS]
POLAR = [name in ("happy", "angry", "sad", "fear") for name in EMOTIONS]
LOGITS = st.lists(st.floats(-20, 20), min_size=6, max_size=6)


def loss(logits: list[float], allowed: list[bool], among: list[bool]) -> float:
    [found] = partial_label_loss(torch.tensor([logits]), torch.tensor([allowed]), torch.tensor([among])).tolist()
    return float(found)


def only(name: str) -> list[bool]:
    return [one == name for one in EMOTIONS]


def test_without_a_preference_the_loss_is_the_logarithm_of_the_odds() -> None:
    assert loss([0.0] * 6, only("sad"), ALL) == pytest.approx(log(6))
    assert loss([0.0] * 6, NEGATIVE, ALL) == pytest.approx(log(6 / 3))
    assert loss([0.0] * 6, NEGATIVE, POLAR) == pytest.approx(log(4 / 3))


@given(LOGITS)
def test_one_emotion_among_all_makes_it_the_cross_entropy(logits: list[float]) -> None:
    expected = torch.nn.functional.cross_entropy(torch.tensor([logits]), torch.tensor([3])).item()
    assert loss(logits, only("sad"), ALL) == pytest.approx(expected, abs=1e-4)


@given(LOGITS)
def test_a_label_that_leaves_everything_open_teaches_nothing(logits: list[float]) -> None:
    assert loss(logits, ALL, ALL) == pytest.approx(0, abs=1e-5)


@given(LOGITS)
def test_a_wider_label_is_never_harder_to_meet(logits: list[float]) -> None:
    assert loss(logits, NEGATIVE, ALL) <= loss(logits, only("sad"), ALL) + 1e-5


@given(LOGITS, st.floats(-20, 20))
def test_what_stands_outside_the_choice_counts_for_nothing(logits: list[float], other: float) -> None:
    changed = list(logits)
    changed[EMOTIONS.index("surprise")] = changed[EMOTIONS.index("neutral")] = other
    assert loss(changed, NEGATIVE, POLAR) == pytest.approx(loss(logits, NEGATIVE, POLAR), abs=1e-4)


def test_partial_labels_teach_only_what_they_say() -> None:
    logits = torch.zeros(1, 6, requires_grad=True)
    partial_label_loss(logits, torch.tensor([NEGATIVE]), torch.tensor([POLAR])).sum().backward()
    assert logits.grad is not None
    gradient = dict(zip(EMOTIONS, logits.grad[0].tolist(), strict=True))
    assert gradient["neutral"] == gradient["surprise"] == 0.0
    assert gradient["happy"] > 0 > gradient["angry"] == pytest.approx(gradient["fear"])


def test_among_the_allowed_the_gradient_keeps_their_shares() -> None:
    logits = torch.tensor([[0.0, 0.0, 2.0, 0.0, 0.0, 0.0]], requires_grad=True)
    partial_label_loss(logits, torch.tensor([NEGATIVE]), torch.tensor([ALL])).sum().backward()
    assert logits.grad is not None
    gradient = dict(zip(EMOTIONS, logits.grad[0].tolist(), strict=True))
    assert gradient["angry"] < gradient["sad"] < 0, "the likelier of the allowed is pulled more"


def test_rows_are_apart() -> None:
    logits = torch.tensor([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3.0]])
    allowed = torch.tensor([only("happy"), only("happy")])
    first, second = partial_label_loss(logits, allowed, torch.tensor([ALL, ALL])).tolist()
    assert (first, second) == pytest.approx(
        (loss([1.0, 0, 0, 0, 0, 0], only("happy"), ALL), loss([0, 0, 0, 0, 0, 3.0], only("happy"), ALL))
    )


def test_distillation_is_the_cross_entropy_with_the_teacher() -> None:
    teacher = torch.tensor([[0.5, 0.5, 0, 0, 0, 0]])
    assert distillation_loss(torch.zeros(1, 6), teacher).item() == pytest.approx(log(6))
    assert distillation_loss(torch.tensor([[50.0, 50.0, 0, 0, 0, 0]]), teacher).item() == pytest.approx(log(2))


def test_a_row_without_a_teacher_costs_nothing_and_teaches_nothing() -> None:
    logits = torch.randn(1, 6, generator=torch.Generator().manual_seed(1)).requires_grad_()
    found = distillation_loss(logits, torch.zeros(1, 6)).sum()
    found.backward()
    assert found.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_the_student_that_says_what_the_teacher_says_has_the_least_loss() -> None:
    teacher = torch.tensor([[0.6, 0.1, 0.1, 0.1, 0.05, 0.05]])
    best = distillation_loss(teacher.log(), teacher).item()
    for seed in range(5):
        moved = teacher.log() + torch.randn(1, 6, generator=torch.Generator().manual_seed(seed))
        assert distillation_loss(moved, teacher).item() > best
