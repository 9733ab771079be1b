"""The script of an office's eight weeks, and how alarms are held against it."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from scripts.detection.office import BURSTS, LEARNT, RUMOUR, SILENT, Day, Office, Subject, Told, hear, office
from scripts.detection.simulate import A_DAY, STEP
from stream.process.clock import SHANGHAI


@pytest.fixture(scope="module")
def weeks() -> Office:
    return office(4)


def step(weeks: Office, moment: datetime) -> int:
    return (moment - weeks.moments[0]) // STEP


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)


def of(weeks: Office, subject: Subject, day: str, hours: int = 24) -> float:
    at = step(weeks, on(day))
    columns = [column for column, one in enumerate(weeks.subjects) if one is subject]
    return float(weeks.counts[at : at + hours * A_DAY // 24, columns].sum(axis=0).mean())


def test_four_weeks_are_learnt_from_and_eight_judged(weeks: Office) -> None:
    assert len(weeks.moments) == 12 * 7 * A_DAY
    assert weeks.moments[weeks.judged_from] == on("2025-09-01") == weeks.moments[0] + LEARNT
    assert weeks.counts.shape == (len(weeks.moments), 4 * len(Subject))


def test_the_same_seed_plays_the_same_weeks(weeks: Office) -> None:
    again = office(4)
    assert np.array_equal(again.counts, weeks.counts, equal_nan=True)
    assert again.waves == weeks.waves


def test_no_source_answers_in_the_silent_night(weeks: Office) -> None:
    silent = np.isnan(weeks.counts).all(axis=1)
    assert silent.sum() == 144
    assert np.flatnonzero(silent)[0] == step(weeks, SILENT[0])
    assert np.isnan(weeks.counts).any(axis=1).sum() == 144


def test_the_office_rests_on_national_day_and_works_on_a_moved_sunday(weeks: Office) -> None:
    ordinary = of(weeks, Subject.SERVICE, "2025-09-10")
    assert of(weeks, Subject.SERVICE, "2025-10-02") < ordinary / 3
    assert of(weeks, Subject.SERVICE, "2025-09-28") > ordinary / 1.5
    assert of(weeks, Subject.SHOP, "2025-10-02") > of(weeks, Subject.BRAND, "2025-10-02")


def test_a_bill_day_has_three_times_the_posts(weeks: Office) -> None:
    assert of(weeks, Subject.SERVICE, "2025-09-15") == pytest.approx(
        3 * of(weeks, Subject.SERVICE, "2025-09-16"), rel=0.3
    )


def test_the_rumour_doubles_from_three_a_day(weeks: Office) -> None:
    days = [of(weeks, Subject.CANTEEN, f"2025-10-{13 + day}") for day in range(4)]
    assert all(posts >= said for posts, said in zip(days, (3, 6, 12, 24), strict=True))
    assert all(posts <= said + 6 for posts, said in zip(days, (3, 6, 12, 24), strict=True))
    (wave,) = [wave for wave in weeks.waves if wave.column == 0]
    assert (wave.what, wave.at, wave.by) == (Told.RUMOUR, step(weeks, RUMOUR), step(weeks, RUMOUR + timedelta(days=3)))


def test_bursts_are_several_times_the_usual_and_two_hours_are_there_to_tell_them(weeks: Office) -> None:
    for subject in (Subject.SERVICE, Subject.BRAND, Subject.SHOP):
        assert of(weeks, subject, "2025-10-20 10:20", 2) > 2.5 * of(weeks, subject, "2025-09-22 10:20", 2)
    bursts = [wave for wave in weeks.waves if wave.what is not Told.RUMOUR]
    assert {wave.at for wave in bursts} == {step(weeks, at) for at in BURSTS}
    assert {wave.by - wave.at for wave in bursts} == {24}


def test_a_wave_is_told_by_an_alarm_in_time_and_the_hours_count_to_the_end_of_the_step(weeks: Office) -> None:
    alarms = np.zeros(weeks.counts.shape, dtype=bool)
    first = [wave for wave in weeks.waves if wave.what is Told.BURST]
    alarms[first[0].at + 5, first[0].column] = True
    alarms[first[1].by, first[1].column] = True
    heard = hear(weeks, alarms)
    assert heard.delays[Told.BURST] == [0.5, *[None] * (len(first) - 1)]
    assert set(heard.ordinary.values()) == {0.0}


def test_alarms_on_the_ordinary_are_counted_by_their_day(weeks: Office) -> None:
    alarms = np.zeros(weeks.counts.shape, dtype=bool)
    for day in ("2025-08-30", "2025-09-03", "2025-09-15", "2025-10-02", "2025-10-09"):
        alarms[step(weeks, on(day)), 3] = True
    assert hear(weeks, alarms).ordinary == {Day.BILL: 1 / 16, Day.HOLIDAY: 2 / 16, Day.OTHER: 1 / 16}
