from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from alerts.__main__ import CLOCK, cli
from alerts.casefile.context import CaseContext
from alerts.screening import listed, waiting
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import disposing, open_state
from stream.state.labels import Origin, latest

SHIPPED = Path(__file__).parents[2] / "configs"
Write = Callable[..., ScoredPost]
HOUR = timedelta(hours=1)


def test_claims_of_danger_stand_before_what_is_uncertain_and_what_is_labelled_is_gone(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    unsure, claim = write(1, label=Label.UNCERTAIN), write(2, label=Label.NEUTRAL, cues=("danger",), at=now - HOUR)
    both = write(3, label=Label.UNCERTAIN, cues=("danger",), at=now - 2 * HOUR)
    old = write(4, label=Label.UNCERTAIN, at=now - 30 * HOUR)
    gone = write(5, label=Label.UNCERTAIN, deleted_at=now)
    index.put([unsure, claim, both, old, gone, write(6)])
    since = now - 24 * HOUR
    assert waiting(context.reader, ["danger"], (), since=since, limit=9) == [claim, both, unsure]
    assert waiting(context.reader, ["danger"], {claim.id}, since=since, limit=1) == [both]
    assert waiting(context.reader, [], (), since=since, limit=9) == [unsure, both]


def test_a_line_says_that_a_claim_is_not_verified_and_names_nobody(write: Write, now: datetime) -> None:
    told = listed(write(1, "找张小明经理 13812345678\n停电了"), ["险情", "警情"], now)
    assert "称有险情、警情，待核实" in told
    assert "张某经理 ［号码］ 停电了" in told
    assert "待核实" not in listed(write(1), [], now)


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    copytree(SHIPPED, tmp_path / "configs")
    (tmp_path / "configs" / "stream.yml").write_text(f"var: {tmp_path}", "utf-8")
    return tmp_path / "configs"


def test_a_person_labels_what_the_list_shows(
    configs: Path, index: SqliteIndexWriter, write: Write, tmp_path: Path
) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["screening", words[0], "--configs", str(configs), *words[1:]])

    post = write(1, label=Label.UNCERTAIN, cues=("danger",), at=CLOCK.now() - HOUR)
    index.put([post])
    assert f"{post.id}\t" in run("list").output
    assert "没有帖子" in run("label", "0" * 32, "neutral", "--by", "zhang_min").output
    assert "people" in run("label", post.id, "neutral", "--by", "路人").output
    assert "没有事件" in run("label", post.id, "neutral", "--by", "zhang_min", "--case", "9").output
    assert run("label", post.id, "neutral", "--by", "zhang_min").exit_code == 0
    assert post.id not in run("list").output
    with disposing(open_state(f"sqlite:///{tmp_path / 'state.db'}")) as engine:
        (review,) = latest(engine)
    assert (review.label, review.origin, review.content_hash) == (
        Label.NEUTRAL, Origin.SCREENING, post.content_hash
    )  # fmt: skip
