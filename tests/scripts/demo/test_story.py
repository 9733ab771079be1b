from datetime import timedelta
from itertools import pairwise

from scripts.demo.oddities import LENGTH
from scripts.demo.story import ARCHIVE_DAYS, DAYS, MONDAY, START, Story, tell
from scripts.demo.world import Entry


def during(story: Story, since: timedelta, until: timedelta) -> list[Entry]:
    begun = story.rumour.at
    return [entry for entry in story.world.entries.values() if begun + since <= entry.at < begun + until]


def test_the_story_is_the_same_every_time() -> None:
    assert tell().world.entries == tell().world.entries


def test_six_weeks_of_ordinary_life_come_first() -> None:
    story = tell()
    before = [entry for entry in story.world.entries.values() if START <= entry.at < MONDAY]
    assert 1800 <= len(before) <= 2400
    assert {(entry.at - START).days for entry in before} == set(range(ARCHIVE_DAYS))
    assert MONDAY.weekday() == 0
    assert story.rumour.at - MONDAY > timedelta(days=1)


def test_the_rumour_is_spoken_of_long_before_it_bursts() -> None:
    before = [thread.at for thread in tell().world.threads.values() if "变电站" in thread.title]
    assert min(before) < MONDAY - timedelta(days=21)


def test_it_burns_again_after_a_night_of_calm_and_is_answered_again() -> None:
    story = tell()
    night = during(story, timedelta(hours=12), story.again.at - story.rumour.at)
    hour = during(story, story.again.at - story.rumour.at, story.again.clarified_at - story.rumour.at)
    threads = story.world.threads
    assert story.again.at - story.rumour.clarified_at > timedelta(hours=12)
    assert not [entry for entry in night if "变电站" in threads[entry.tid].title]
    assert len([entry for entry in hour if "变电站" in threads[entry.tid].title]) >= 35
    assert len({entry.author for entry in hour}) >= 35
    assert [t.at for t in threads.values() if "外地旧视频" in t.title] == [story.again.clarified_at]


def test_dozens_of_voices_carry_the_rumour_within_an_hour() -> None:
    hour = during(tell(), timedelta(0), timedelta(hours=1))
    assert len(hour) >= 70
    assert len({entry.author for entry in hour}) >= 35


def test_copies_are_among_them() -> None:
    hour = during(tell(), timedelta(0), timedelta(hours=1))
    chain = [entry.text for entry in hour if "赶紧" in entry.text]
    assert len(chain) >= 15
    assert len(set(chain)) < len(chain)


def test_some_posts_vanish_and_some_change() -> None:
    story = tell()
    rumour = during(story, timedelta(0), timedelta(hours=2))
    assert any(entry.deleted_at for entry in rumour)
    assert any(entry.edited_at for entry in rumour)
    assert any(thread.deleted_at for thread in story.world.threads.values())


def test_one_post_is_built_to_break_readers() -> None:
    markups = [entry.markup or "" for entry in during(tell(), timedelta(0), timedelta(hours=1))]
    worst = max(markups, key=len)
    assert len(worst) >= LENGTH - 2
    for trap in ("&#xD83D;", "&#8232;", "[CLS]", "<script>", "&#8203;", "&#8238;", "=HYPERLINK"):
        assert trap in worst


def test_a_true_complaint_a_silent_night_and_the_rumour_once_more_come_after() -> None:
    story = tell()
    titles = {thread.title: thread.at for thread in story.world.threads.values()}
    (complaint,) = [at for title, at in titles.items() if "盖板翘起来" in title]
    assert story.again.clarified_at < complaint < story.covers.clarified_at < story.silent.since < story.silent.until
    assert story.silent.until < story.returned.at < story.returned.clarified_at < story.mended_by
    assert story.mended_by < START + timedelta(days=DAYS)


def test_numbers_grow_with_time() -> None:
    world = tell().world
    entries = sorted(world.entries.values(), key=lambda entry: entry.pid)
    assert all(earlier.at <= later.at for earlier, later in pairwise(entries))
