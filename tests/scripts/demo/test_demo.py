import re
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
IN_ORDER = (
    "crawled", "ordinary", "spike", "case opened", "letter sent", "nobody acts", "escalated", "acknowledged",
    "verified", "clarified", "calm again", "tracked", "rekindled", "closed", "reviewed",
)  # fmt: skip
AGAIN = ("rekindled", "letter sent", "clarified", "guided", "calm again", "closed")


@pytest.mark.slow
def test_the_story_ends_well_and_nothing_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.demo", "--var", str(tmp_path / "demo")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    places = [run.stdout.index(f"  {happening} ") for happening in IN_ORDER]
    assert places == sorted(places)
    again = run.stdout[run.stdout.index("  rekindled ") - 1 :]
    assert [again.index(f"  {happening} ") for happening in AGAIN] == sorted(
        again.index(f"  {happening} ") for happening in AGAIN
    )
    last = run.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"crawled \d+, scored \d+, indexed \d+, quarantined \d+, cases 1, letters [1-9]\d*, lost 0", last
    ), last
    letters = [message_from_bytes(path.read_bytes()) for path in (tmp_path / "demo/letters").glob("*.eml")]
    told = [str(letter["Message-ID"]) for letter in letters]
    assert sum(".opened-" in name for name in told) == 1
    assert sum(".rekindled-respond." in name for name in told) == 1
    assert (tmp_path / "demo/story.png").stat().st_size > 50_000
