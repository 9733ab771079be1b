"""What long training tells a log."""

import io

from rich.console import Console

from nlp.training.fit.progress import Steps


class Ticking:
    """A clock that moves ten seconds whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10.0
        return self.now


def told(total: int, done: int = 0) -> list[str]:
    log = io.StringIO()
    with Steps("broad, epoch 1", total, done, console=Console(file=log, width=40), clock=Ticking()) as steps:
        for _ in range(total - done):
            steps.step(500)
    return log.getvalue().splitlines()


def test_a_log_gets_a_line_every_half_minute_and_one_at_the_end() -> None:
    assert [line.partition(" steps")[0] for line in told(7)] == [
        "broad, epoch 1: 3 of 7",
        "broad, epoch 1: 6 of 7",
        "broad, epoch 1: 7 of 7",
    ]


def test_a_line_says_how_fast_it_goes_and_what_is_left() -> None:
    assert told(9)[0] == "broad, epoch 1: 3 of 9 steps, 0.10 steps/s, 50 tokens/s, 1.0 min left"


def test_a_line_names_what_is_read_in_the_words_of_the_stretch() -> None:
    log = io.StringIO()
    with Steps("labelling", 2, unit="texts", console=Console(file=log, width=40), clock=Ticking()) as steps:
        steps.step(10)
        steps.step(10)
    assert log.getvalue() == "labelling: 2 of 2 steps, 0.10 steps/s, 1 texts/s, 0.0 min left\n"


def test_steps_of_an_earlier_run_are_not_counted_into_the_rate() -> None:
    assert told(9, done=6) == ["broad, epoch 1: 9 of 9 steps, 0.10 steps/s, 50 tokens/s, 0.0 min left"]


def test_a_person_sees_a_bar_instead() -> None:
    screen = io.StringIO()
    with Steps("narrow 1, epoch 2", 3, console=Console(file=screen, force_terminal=True, width=100)) as steps:
        for _ in range(3):
            steps.step(500)
    assert "narrow 1, epoch 2" in screen.getvalue()
    assert "3/3" in screen.getvalue()
    assert "min left" not in screen.getvalue()
