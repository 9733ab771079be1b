"""Labels by people: in as a table, out as a training file, and against a model."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from nlp.cli.commands import main
from nlp.feedback import BadTable, Example, compare_with_labels, examples, read_table
from nlp.training.texts.data import as_row
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Label
from stream.state.labels import Origin, PostLabel, latest_labels, save_labels
from tests.nlp.test_stage import LengthScorer
from tests.stream.scored import scored

SHIPPED = Path(__file__).parents[2] / "configs"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
TABLE = "﻿label,text,id,emotion,by\nnegative,停电三天没人管,,angry,李工\npositive,谢谢师傅,,,\n"


def test_a_table_becomes_reviews() -> None:
    first, second = read_table(TABLE.encode(), NOW, "张敏")
    assert first == PostLabel(
        label=Label.NEGATIVE, by="李工", at=NOW, origin=Origin.TABLE, emotion="angry", text="停电三天没人管"
    )
    assert (second.by, second.emotion, second.post_id) == ("张敏", None, None)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("text\n好\n", "line 1: the columns are"),
        ("label,text,name\nnegative,好,张三\n", "unknown: name"),
        ("label,text\nbad,好\n", "line 2: label is 'bad'"),
        ("label,text,id\nnegative,好,1\n", "line 2: give a text, or the id"),
        ("label,text\nnegative,\n", "line 2: give a text, or the id"),
        ("label,text,emotion\npositive,好,sad\n", "line 2: sad is not positive"),
        ("label,text,emotion\npositive,好,joy\n", "line 2: emotion is 'joy'"),
        ("label,text\nnegative,一\nuncertain,二\n", "line 3: label is 'uncertain'"),
        ("label,text\nnegative,停电,没人管\n", "line 2: more cells than columns"),
    ],
)
def test_a_table_with_a_mistake_is_refused_whole(table: str, told: str) -> None:
    with pytest.raises(BadTable, match=told):
        read_table(table.encode(), NOW, "张敏")


def test_a_table_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadTable, match="UTF-8"):
        read_table(b"label,text\nnegative,\xff\xff", NOW, "张敏")


def test_a_table_that_excel_saved_is_read_with_chinese_labels() -> None:
    [one] = read_table("label,text\r\n负面 ,停电三天没人管\r\n".encode("gbk"), NOW, "张敏")
    assert (one.label, one.text) == (Label.NEGATIVE, "停电三天没人管")
    assert [one.label for one in read_table("label,text\n中性,一\n正面,二\n".encode(), NOW, "张敏")] == [
        Label.NEUTRAL, Label.POSITIVE,
    ]  # fmt: skip


def test_the_last_review_of_a_post_or_text_counts(engine: Engine) -> None:
    first = PostLabel(
        label=Label.NEGATIVE, by="a", at=NOW, origin=Origin.SCREENING, post_id="1" * 32, content_hash="f" * 32
    )
    text = PostLabel(label=Label.NEUTRAL, by="a", at=NOW, origin=Origin.TABLE, text="停电")
    again = replace(first, label=Label.POSITIVE, by="b", case_id=7)
    save_labels(engine, [first, text])
    save_labels(engine, [again])
    assert latest_labels(engine) == [text, again]


def test_a_reviewed_post_is_read_from_the_index_while_it_says_the_same(tmp_path: Path) -> None:
    here, changed, withheld = scored(1), scored(2), scored(3, text="")
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([here, changed, withheld])
        given = [
            PostLabel(label=Label.NEGATIVE, by="a", at=NOW, origin=Origin.SCREENING, post_id=one.id, content_hash=seen)
            for one, seen in (
                (here, here.content_hash), (changed, "0" * 32), (withheld, withheld.content_hash), (scored(4), None)
            )
        ]  # fmt: skip
        assert examples(given, reader) == [Example(here.text, Label.NEGATIVE, None, Origin.SCREENING)]


def test_the_model_is_measured_against_people() -> None:
    texts = {
        "好": Label.POSITIVE,
        "停电三天没人管气死我了真的气死我了": Label.NEGATIVE,
        "坏": Label.NEUTRAL,
        "": Label.NEUTRAL,
    }
    given = [Example(text, label, None, Origin.TABLE) for text, label in texts.items()]
    told = compare_with_labels(given, LengthScorer())
    assert (told.examples, told.unscored) == (4, 2)
    assert sum(told.recall(label)[1] for label in told.table) == 2
    assert told.agreed == sum(told.recall(label)[0] for label in told.table)


def test_labels_are_stored_measured_and_handed_on(tmp_path: Path) -> None:
    configs = Path(copytree(SHIPPED, tmp_path / "configs"))
    copytree(SHIPPED / "example", configs, dirs_exist_ok=True)
    (configs / "stream.yml").write_text(f"var: {tmp_path / 'var'}", "utf-8")
    (tmp_path / "table.csv").write_text(TABLE, "utf-8")

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["feedback", words[0], "--configs", str(configs), *words[1:]])

    assert "none of 0" in run("measure").output
    assert "no model has learnt" in run("import", str(tmp_path / "table.csv"), "--by", "张敏").output
    assert run("export", str(tmp_path / "out.jsonl")).exit_code == 0
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert records[0] == {"text": "停电三天没人管", "emotion": "angry", "polarity": "negative", "source": "feedback"}
    row = as_row(records[1], "feedback")
    assert row is not None
    assert row.allowed != row.among
    assert "2 条" in run("measure").output
    (tmp_path / "bad.csv").write_text("label,text\nbad,好\n", "utf-8")
    refused = run("import", str(tmp_path / "bad.csv"), "--by", "张敏")
    assert (refused.exit_code, "line 2" in refused.output) == (1, True)


def test_what_somebody_looked_at_and_could_not_tell_is_no_example(tmp_path: Path) -> None:
    post, path = scored(1), tmp_path / "index.db"
    cannot_tell = PostLabel(
        label=Label.UNCERTAIN, by="a", at=NOW, origin=Origin.SCREENING, post_id=post.id, content_hash=post.content_hash
    )
    text = replace(cannot_tell, post_id=None, content_hash=None, text="这话不好说")
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([post])
        given = examples([cannot_tell, text, replace(cannot_tell, label=Label.NEUTRAL)], reader)
    assert [one.label for one in given] == [Label.NEUTRAL]
    measured = compare_with_labels(given, LengthScorer())
    assert (measured.examples, set(measured.table)) == (1, {Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE})
