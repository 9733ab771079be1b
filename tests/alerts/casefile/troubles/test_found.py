from datetime import UTC, datetime

import pytest

from alerts.casefile.snapshot import CaseSnapshot, to_json
from alerts.casefile.troubles.found import TroubleSnapshot, read_found, write_found
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble

TROUBLE = Trouble(
    kind=Kind.FAILED, thing="bbs", since=datetime(2026, 9, 21, tzinfo=UTC), what="不通。", todo="看看。",
    grade=Grade.BLUE,
)  # fmt: skip


def test_each_kind_of_case_is_read_as_what_it_was(found: CaseSnapshot) -> None:
    assert read_found(to_json(found)) == found
    assert read_found(write_found(found)) == found
    assert read_found(write_found(TroubleSnapshot(TROUBLE))) == TroubleSnapshot(TROUBLE)
    assert read_found(write_found(TroubleSnapshot(TROUBLE))).posts == ()


@pytest.mark.parametrize("kept", ["", "{}", '{"trouble": {}}', "[]", '{"signal": 1}'])
def test_what_is_neither_is_refused(kept: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_found(kept)
