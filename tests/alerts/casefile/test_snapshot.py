"""What is kept with a case: read as earlier versions wrote it, and quoted only as it may be shown now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.casefile.snapshot import from_json, read_quotes, to_json
from alerts.claims.claim import KnownClaim
from alerts.detection.grades import Grade, Measure
from alerts.detection.signals import Coverage, Reason, State
from alerts.workflow.parts import Verdict
from stream.errors import Retryable
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost

#: As the version before wrote it into the column `found`.
KEPT = (
    '{"signal":{"topic":"outage","state":"spike","at":"2026-09-21T06:02:00Z","window_start":"2026-09-21T05:02:00Z",'
    '"since":"2026-09-21T04:02:00Z","total":45,"negative":37,"voices":28,"texts":21,"unscored":0,"effective":25.0,'
    '"expected":4.1,"share":0.82,"usual_share":0.2,"cusum":9.0,"residual":6.0,"findings":[{"reason":"rise",'
    '"measured":9.0,"threshold":6.0}],"silent":["tieba"]},"grading":{"grade":"orange","weighed":[{"criterion":{"grade":'
    '"orange","measure":"negative","at_least":100.0,"source":"x"},"measured":137.0}]},"posts":["a","b"],"coverage":'
    '[{"source":"bbs","last_success":"2026-09-21T06:02:00Z","fresh_until":null}],"cues":[["danger",3]]}'
)


def test_what_an_earlier_version_kept_is_read_and_written_by_the_names_of_now(now: datetime) -> None:
    snapshot = from_json(KEPT)
    assert (snapshot.signal.state, snapshot.signal.at, snapshot.signal.authors) == (State.SPIKE, now, 28)
    assert snapshot.signal.reasons == {Reason.RISE}
    assert (snapshot.grading.grade, snapshot.grading.held[0].criterion.measure) == (Grade.ORANGE, Measure.NEGATIVE)
    assert snapshot.posts == ("a", "b")
    assert snapshot.coverage == (Coverage("bbs", now, None),)
    assert snapshot.cues == (("danger", 3),)
    assert (snapshot.signal.bar, snapshot.signal.window_end, snapshot.signal.late) == (0.0, None, False)
    assert (snapshot.triggers, snapshot.texts, snapshot.alike, snapshot.calmed_at) == ((), (), (), None)
    assert snapshot.known_claim is None
    assert from_json(to_json(snapshot)) == snapshot
    assert '"voices"' not in to_json(snapshot)


def test_a_recognised_claim_is_kept_with_the_case() -> None:
    known = KnownClaim(
        id=3, claim="变电站爆炸", verdict=Verdict.RUMOUR, statement="并无此事", owner="dispatch",
        valid_until=date(2026, 12, 31), sure=True, score=0.91,
    )  # fmt: skip
    snapshot = replace(from_json(KEPT), known_claim=known)
    assert from_json(to_json(snapshot)) == snapshot


def test_a_case_from_before_there_were_danger_cues_has_none() -> None:
    assert from_json(KEPT.replace(',"cues":[["danger",3]]', "")).cues == ()


@pytest.mark.parametrize("wrong", ["", "{}", KEPT.replace('"spike"', '"boom"'), KEPT[:-1]])
def test_what_is_no_snapshot_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        from_json(wrong)


def test_quotes_are_of_the_posts_as_they_are_now(
    tmp_path: Path, index: SqliteIndexWriter, write: Callable[..., ScoredPost], now: datetime
) -> None:
    posts = [
        write(1, "停电了，打13812345678"),
        write(2, "删掉的", deleted_at=now - timedelta(days=2)),
        write(3, "没有我"),
    ]
    index.put(posts)
    reader = SqliteIndexReader(tmp_path / "index.db")
    texts = [one.text for one in read_quotes(reader, [posts[0].id, posts[1].id, "f" * 32], now)]
    reader.close()
    assert texts == ["停电了，打［号码］", None]


def test_a_notice_does_not_wait_for_an_index_that_is_away(now: datetime) -> None:
    class Away:
        def get(self, _: object) -> list[ScoredPost]:
            raise Retryable("the index is away")

    assert read_quotes(Away(), ["a"], now) == ()  # type: ignore[arg-type]
