from datetime import UTC, date, datetime

import pytest

from alerts.claims.claim import Claim
from alerts.workflow.parts import Verdict

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
TODAY = date(2026, 9, 21)


def claim_of(number: int, text: str, **changes: object) -> Claim:
    values: dict[str, object] = {
        "id": number, "claim": text, "verdict": Verdict.RUMOUR, "statement": "经核实并无此事", "owner": "dispatch",
        "evidence": "现场照片", "valid_until": None, "made_at": NOW, "made_by": "张敏",
    }  # fmt: skip
    return Claim(**values | changes)  # type: ignore[arg-type]


@pytest.fixture
def explosion() -> Claim:
    return claim_of(3, "东岗变电站发生爆炸，三人死亡")
