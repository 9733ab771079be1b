"""Taking another model in place of the running one."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from nlp.inference.reloading import ReloadingScorer
from nlp.scorer import Score, Scorer, Unscored
from stream.errors import ConfigError, Mistake


class Named:
    """A scorer that leaves every text unscored and says who it is."""

    def __init__(self, name: str) -> None:
        self.name = name

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        return [Unscored(self.name)] * len(texts)


class Opener:
    """Opens what it is given, in order; raises what is an exception."""

    def __init__(self, *given: Scorer | Exception) -> None:
        self.given, self.opened = list(given), 0

    def __call__(self) -> Scorer:
        self.opened += 1
        one = self.given.pop(0)
        if isinstance(one, Exception):
            raise one
        return one


REFUSED = ConfigError([Mistake("nlp.yml", "model", "is not there")])


def test_a_model_is_opened_once_however_much_is_scored() -> None:
    opener = Opener(Named("a@1"))
    scorer = ReloadingScorer(opener)
    assert [scorer.score(["x"]) for _ in range(3)] == [[Unscored("a@1")]] * 3
    assert opener.opened == 1


def test_the_next_model_is_taken_before_the_next_batch_and_not_sooner() -> None:
    opener = Opener(Named("a@1"), Named("a@2"))
    scorer = ReloadingScorer(opener)
    scorer.request_reload()
    assert (scorer.name, opener.opened) == ("a@1", 1), "a signal opens nothing by itself"
    assert scorer.score(["x", "y"]) == [Unscored("a@2")] * 2
    assert scorer.name == "a@2"


def test_two_requests_before_a_batch_open_one_model() -> None:
    opener = Opener(Named("a@1"), Named("a@2"))
    scorer = ReloadingScorer(opener)
    scorer.request_reload()
    scorer.request_reload()
    scorer.score(["x"])
    scorer.score(["x"])
    assert opener.opened == 2


def test_a_refused_model_is_logged_with_its_reason_and_the_running_one_stays() -> None:
    scorer = ReloadingScorer(Opener(Named("a@1"), REFUSED, Named("a@3")))
    scorer.request_reload()
    with capture_logs() as lines:
        assert scorer.score(["x"]) == [Unscored("a@1")]
        assert scorer.score(["x"]) == [Unscored("a@1")], "one request is tried once"
    [line] = lines
    assert (line["event"], line["still"]) == ("model_refused", "a@1")
    assert "is not there" in line["reason"]
    scorer.request_reload()
    with capture_logs() as lines:
        assert scorer.score(["x"]) == [Unscored("a@3")]
    assert [(line["event"], line["model"]) for line in lines] == [("model_taken", "a@3")]


def test_the_first_model_must_open() -> None:
    with pytest.raises(ConfigError, match="is not there"):
        ReloadingScorer(Opener(REFUSED))


def test_a_fault_of_the_program_is_not_taken_for_a_refusal() -> None:
    scorer = ReloadingScorer(Opener(Named("a@1"), ZeroDivisionError("a fault")))
    scorer.request_reload()
    with pytest.raises(ZeroDivisionError):
        scorer.score(["x"])
