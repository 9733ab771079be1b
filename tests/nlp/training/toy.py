"""A data folder like the real one, of invented sentences, and settings under which training takes seconds."""

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tokenizers import Tokenizer

from nlp.scorer import EMOTIONS
from nlp.training.settings import Settings, Vocabulary, load_settings
from nlp.training.texts.data import Row, as_row
from nlp.training.texts.vocabulary import learn

ROOT = Path(__file__).parents[3]
WORDS = {"happy": "开心", "neutral": "会议", "angry": "气死", "sad": "难过", "fear": "害怕", "surprise": "居然"}
POLARITY = {"happy": "positive", "neutral": "neutral", "angry": "negative", "sad": "negative", "fear": "negative"}
PLACES = ("食堂", "班车", "宿舍", "车间", "大厅", "小区", "工地", "办公室")

SENTENCES = (
    ("question", "neutral", "明天几点来电,有人知道吗"),
    ("thanks", "positive", "来电了,谢谢抢修的师傅"),
    ("mockery", "negative", "又停电,真是贴心的惊喜"),
)
LEARNT = len(SENTENCES) * (len(PLACES) - 1)

Record = dict[str, str | None]


def labelled(text: str = "{place}{word}了{number}次,{place}又{word}") -> list[Record]:
    """Return 96 records in which one word tells the emotion."""
    return [
        {
            "text": text.format(place=place, word=word, number=number),
            "emotion": emotion,
            "polarity": POLARITY.get(emotion),
            "source": "smp_usual",
        }
        for emotion, word in WORDS.items()
        for place in PLACES
        for number in range(2)
    ]


def polar() -> list[Record]:
    """Return records of a source that knows only polarities."""
    return [
        {"text": f"东西{place}很好用", "emotion": None, "polarity": "positive", "source": "waimai_10k"}
        for place in PLACES
    ]


def rows(records: Sequence[Record]) -> list[Row]:
    """Return the records as training reads them."""
    found = [as_row(record, record["source"] or "") for record in records]
    return [row for row in found if row is not None]


def write_data(folder: Path) -> Path:
    """Leave training rows, corpus and dev sets in a folder; return it."""
    for name in ("sentiment", "corpus"):
        (folder / name).mkdir(parents=True)
    records = labelled() + polar()
    with lzma.open(folder / "sentiment" / "train.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(lines(records))
    with lzma.open(folder / "corpus" / "weibo.txt.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{record['text']},说到这里大家都笑了\n" for record in records for _ in range(4))
    for name in ("smp_usual", "smp_virus", "chnsenticorp"):
        dev = labelled("说起{place}第{number}天大家都{word}得不行")
        if name == "chnsenticorp":
            dev = [record | {"emotion": None} for record in dev if record["polarity"] in ("positive", "negative")]
        (folder / "sentiment" / f"dev_{name}.jsonl").write_text(lines(dev), "utf-8")
    return folder


def write_sentences(folder: Path) -> Path:
    """Leave written sentences in a folder, of three kinds, one of each held back; return it."""
    written = [
        {
            "text": f"{place}{ending}",
            "polarity": polarity,
            "kind": kind,
            "sector": "power",
            "hand": "hand-a",
            "held_back": number == 0,
        }
        for kind, polarity, ending in SENTENCES
        for number, place in enumerate(PLACES)
    ]
    (folder / "hand-a.jsonl").write_text(lines(written), "utf-8")
    return folder


def lines(records: Sequence[Mapping[str, object]]) -> str:
    """Return the records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def tiny_settings() -> Settings:
    """Return the shipped settings with a model of one layer and a few steps."""
    full = load_settings(ROOT / "configs" / "training.yml")
    return replace(
        full,
        shape=replace(full.shape, layers=1, hidden=64, heads=1, positions=32),
        vocabulary=replace(full.vocabulary, size=300, alphabet=200, every=1),
        pretraining=replace(
            full.pretraining, steps=8, warmup=2, decay=2, rows=4, length=16, checkpoint=4, compiled=False
        ),
        adaptation=replace(full.adaptation, steps=6, warmup=2),
        teacher=replace(full.teacher, posts=20),
        finetuning=replace(
            full.finetuning,
            broad=replace(full.finetuning.broad, epochs=1),
            narrow=replace(full.finetuning.narrow, epochs=4, rate=0.003),
            tokens=256,
            dropout=0.0,
        ),
    )


def tokenizer() -> Tokenizer:
    """Return a tokenizer learnt from the toy rows; a word of two characters keeps its token whatever stands around."""
    texts = [row.text for row in rows(labelled() + polar() + labelled("说起{place}第{number}天大家都{word}得不行"))]
    return learn(texts, Vocabulary(size=300, alphabet=200, longest=2, every=1))


def one_hot(emotion: str) -> list[float]:
    """Return certainty of an emotion."""
    return [float(name == emotion) for name in EMOTIONS]
