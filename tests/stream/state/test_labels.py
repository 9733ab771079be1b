"""What people said of posts and texts: the last word counts, no word is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from stream.messages import Label
from stream.state.database import reading
from stream.state.labels import (
    Origin,
    PostLabel,
    PostLabelRow,
    last_screened,
    latest_labels,
    save_labels,
    take_back,
)

NOW = datetime(2026, 9, 21, 4, tzinfo=UTC)
SCREENED = PostLabel(
    label=Label.NEGATIVE, by="张敏", at=NOW, origin=Origin.SCREENING, post_id="a" * 32, content_hash="c" * 32, case_id=7
)
GIVEN = PostLabel(label=Label.NEUTRAL, by="李强", at=NOW, origin=Origin.TABLE, text="明天停电吗", emotion="neutral")


def test_a_label_comes_back_as_it_was_given(engine: Engine) -> None:
    save_labels(engine, [SCREENED, GIVEN])
    assert latest_labels(engine) == [SCREENED, GIVEN]


def test_a_new_database_has_none(engine: Engine) -> None:
    assert latest_labels(engine) == []


def test_the_last_word_on_a_post_counts_and_the_first_is_kept(engine: Engine) -> None:
    later = replace(SCREENED, label=Label.POSITIVE, by="李强", at=NOW + timedelta(hours=1), case_id=None)
    save_labels(engine, [SCREENED])
    save_labels(engine, [later])
    assert latest_labels(engine) == [later]
    with reading(engine) as session:
        assert session.query(PostLabelRow).count() == 2


def test_what_was_given_later_counts_whatever_its_time_says(engine: Engine) -> None:
    earlier = replace(SCREENED, at=NOW - timedelta(days=1), label=Label.NEUTRAL)
    save_labels(engine, [SCREENED, earlier])
    assert latest_labels(engine) == [earlier]


def test_the_same_text_is_one_and_another_is_another(engine: Engine) -> None:
    changed, other = replace(GIVEN, label=Label.NEGATIVE), replace(GIVEN, text="停电了")
    save_labels(engine, [GIVEN, other, changed])
    assert latest_labels(engine) == [other, changed]


def test_a_text_that_reads_like_an_id_is_no_post(engine: Engine) -> None:
    text = replace(GIVEN, text="a" * 32)
    save_labels(engine, [SCREENED, text])
    assert latest_labels(engine) == [SCREENED, text]


def test_they_come_in_the_order_in_which_they_were_given(engine: Engine) -> None:
    many = [replace(GIVEN, text=f"第{number}条") for number in range(20)]
    save_labels(engine, many)
    save_labels(engine, many[:1])
    assert latest_labels(engine) == [*many[1:], many[0]]


def test_of_several_labels_all_are_kept_or_none(engine: Engine) -> None:
    broken = replace(GIVEN, by=None)  # type: ignore[arg-type]
    with pytest.raises(SQLAlchemyError):
        save_labels(engine, [SCREENED, broken])
    assert latest_labels(engine) == []


def test_saving_none_does_nothing(engine: Engine) -> None:
    save_labels(engine, [])
    assert latest_labels(engine) == []


@pytest.mark.parametrize("label", list(Label))
@pytest.mark.parametrize("origin", list(Origin))
def test_every_label_and_origin_can_be_kept(engine: Engine, label: Label, origin: Origin) -> None:
    one = replace(SCREENED, label=label, origin=origin)
    save_labels(engine, [one])
    assert latest_labels(engine) == [one]


def test_a_long_text_in_any_script_is_kept_whole(engine: Engine) -> None:
    one = replace(GIVEN, text="停电👨‍👩‍👧" * 5_000)
    save_labels(engine, [one])
    assert latest_labels(engine) == [one]


def test_labels_given_before_a_time_are_left_out_where_it_is_asked_for(engine: Engine) -> None:
    later = replace(SCREENED, post_id="b" * 32, at=NOW + timedelta(hours=1))
    save_labels(engine, [SCREENED, later])
    assert latest_labels(engine, NOW + timedelta(minutes=1)) == [later]
    assert latest_labels(engine, NOW) == [SCREENED, later]


def test_a_slip_is_taken_back_and_the_label_before_counts_again(engine: Engine) -> None:
    slip = replace(SCREENED, label=Label.POSITIVE, at=NOW + timedelta(minutes=1))
    save_labels(engine, [SCREENED, slip])
    assert last_screened(engine, "张敏", NOW) == slip
    assert take_back(engine, "张敏", NOW, slip.post_id) == slip
    assert latest_labels(engine) == [SCREENED]


def test_nothing_is_taken_back_of_others_of_tables_of_other_posts_or_too_late(engine: Engine) -> None:
    save_labels(engine, [SCREENED, replace(GIVEN, by="张敏")])
    assert take_back(engine, "李强", NOW) is None
    assert take_back(engine, "张敏", NOW, "f" * 32) is None
    assert take_back(engine, "张敏", NOW + timedelta(seconds=1)) is None
    assert last_screened(engine, "李强", NOW) is None
    assert len(latest_labels(engine)) == 2
    assert take_back(engine, "张敏", NOW) == SCREENED  # of the table handed in later nothing is a slip
