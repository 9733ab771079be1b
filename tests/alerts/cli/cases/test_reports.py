"""`report` and `evidence`, as a person types them."""

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document

from tests.alerts.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("daily",), "每日舆情"), (("weekly",), "一周舆情综述"), (("case", "1"), "关于「停电抢修」舆情事件的情况专报"),
        (("assessment", "--since", "2026-01-01"), "舆情处置考核表"),
    ],
)  # fmt: skip
def test_every_report_is_text_on_the_screen_docx_and_html(
    watched: Run, tmp_path: Path, words: tuple[str, ...], title: str
) -> None:
    shown = watched("report", *words)
    assert shown.exit_code == 0, shown.stderr
    assert title in shown.stdout
    for ending in ("docx", "html"):
        out = tmp_path / f"report.{ending}"
        done = watched("report", *words, "--out", str(out), "--classified", "内部", "--issue", "7")
        assert done.exit_code == 0, done.stderr
        assert f"已写入 {out}" in done.stdout
        assert "第7期" in done.stdout
        assert not out.with_name(f"{out.name}.part").exists()
    paragraphs = [one.text for one in Document(io.BytesIO((tmp_path / "report.docx").read_bytes())).paragraphs]
    assert paragraphs[0] == "内部"
    assert any(title in one for one in paragraphs)
    assert title in (tmp_path / "report.html").read_text("utf-8")


def test_a_report_without_an_index_says_so(watched: Run, tmp_path: Path) -> None:
    for path in tmp_path.glob("index.db*"):
        path.unlink()
    for words in (("daily",), ("weekly",), ("case", "1")):
        shown = watched("report", *words)
        assert shown.exit_code == 0
        assert "帖文索引不可用" in shown.stdout


def test_what_cannot_be_written_is_refused_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    for out, words in (
        (str(tmp_path / "x.pdf"), "a report ends in .docx, .html, .txt"),
        (str(tmp_path / "none" / "x.docx"), "make it first"),
    ):
        done = run("report", "daily", "--out", out)
        assert done.exit_code == 2
        assert words in done.stderr.replace("\n", "")
    done = run("report", "daily", "--until", "gestern")
    assert (done.exit_code, "write 2026-09-23 or 2026-09-23T08:30" in done.stderr) == (2, True)
    assert run("report", "case", "9").stderr == "Error: 没有事件 9\n"


def test_an_assessment_is_csv_on_the_screen_alone(watched: Run, tmp_path: Path) -> None:
    done = watched("report", "assessment", "--since", "2026-01-01", "--csv")
    assert done.stdout.startswith("\ufeff事项,岗位,等级")
    both = watched("report", "assessment", "--since", "2026-01-01", "--csv", "--out", str(tmp_path / "x.docx"))
    assert both.exit_code == 2
    late = watched("report", "assessment", "--since", "2026-01-02", "--until", "2026-01-01")
    assert (late.exit_code, "before --until" in late.stderr) == (2, True)


def test_evidence_is_written_with_its_digest(watched: Run, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    done = watched("evidence", "1", "--out", str(out), "--raw")
    assert done.exit_code == 0, done.stderr
    assert "帖文 30 条" in done.stdout
    digest = done.stdout.strip().rpartition("：")[2]
    with zipfile.ZipFile(out) as packet:
        assert digest in packet.read("manifest.json").decode()
    assert watched("evidence", "9", "--out", str(out)).stderr == "Error: 没有事件 9\n"
    assert watched("evidence", "1", "--out", str(tmp_path / "none" / "x.zip")).exit_code == 2
