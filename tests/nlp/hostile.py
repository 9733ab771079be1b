"""Hostile strings through the scorer: `python -m tests.nlp.hostile --count 100000`. Ends with 1 where one is too much.

Counted are crashes, texts without an answer, answers that are no probabilities, and labels that differ between two
batchings of the same texts. Strings follow the kinds of a hostile poster: encodings, controls, surrogates, emoji and
piled marks, Chinese evasions, model markup, templates, markup, queries, logs, spreadsheets, huge and empty texts.
"""

import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
from rich.progress import track

from nlp.acts import act_of
from nlp.scorer import Score, Scorer, Unscored
from nlp.scorers.openvino import OpenVinoScorer
from nlp.text import for_model
from stream.matching import TopicMatcher
from stream.process.configuration import Configuration
from stream.spelling.folding import fold
from stream.topics import TopicsConfig

ROOT = Path(__file__).parents[2]
TOGETHER, APART = 256, 7  # texts per call, in the one batching and in the other
SAME_LABEL = 0.995  # of the scored texts; the rest lie at a threshold that rounding crosses
SAME_NEGATIVE = 0.05

Draw = Callable[[random.Random], str]
_WORDS = [
    "停电",
    "没人管",
    "气死我了",
    "谢谢师傅",
    "供电公司",
    "呵呵",
    "真行",
    "水军",
    "转发",
    "求真相",
    "好",
    "坏",
    "怎么办",
    "食堂",
    "班车",
    "电费",
    "不要太好",
    "非常满意",
]
_CUTS = [chr(point) for point in (0, 1, 7, 8, 9, 10, 11, 12, 13, 27, 28, 31, 127, 133, 0x2028, 0x2029)]
_UNSEEN = [chr(p) for p in (*range(0x200B, 0x2010), 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A),
                            0xE0001, 0xE0041, 0xFE0F, 0xE000, 0xFFFE, 0xFFFF, 0x10FFFF, 0x0378)]  # fmt: skip
_EMOJI = ["👨‍👩‍👧‍👦", "🇨🇳", "1️⃣", "👍🏽", "😭", "🤬", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
_MARKUP = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "##电", "<s>", "</s>", "<|endoftext|>", "[unused1]"]
_CODE = ["{{7*7}}", "${jndi:ldap://x}", "%s%n", "{0.__class__}", "*:*", "/.*/", "<script>alert(1)</script>",
         "DROP TABLE", "=HYPERLINK(1)", "\r\nBcc: x@y.z", "=?utf-8?q?x?=", "\x1b[31m", "../../etc/passwd",
         "javascript:alert(1)", "http://a@b/", "https://t.cn/x", "//@某人:", "@某人 ",
         "回复@某人:", "[quote]", "[/quote]",
         "> ", "转发微博", "//"]  # fmt: skip
_VARIANTS = [
    "停電",
    "沒人管",
    "ＡＢＣ",
    "１２３",
    "㍿",
    "ﬁ",
    "⽔军",
    "𠮷",
    "㐀",
    "氵去",
    "㊙",
    "の",
    "ｶ",
    "한",
    "ъ",
    "ß",
    "İ",
]


def _bytes(one: random.Random) -> str:
    raw = one.randbytes(one.randrange(1, 60))
    return raw.decode(
        one.choice(["utf-8", "gb18030", "big5", "utf-16-le", "latin-1"]), one.choice(["replace", "ignore"])
    )


def _words(one: random.Random) -> str:
    return "".join(one.choices(_WORDS, k=one.randrange(1, 8)))


def _among(*many: list[str]) -> Draw:
    every = [part for parts in many for part in parts]
    return lambda one: "".join(
        one.choice(every) if one.random() < 0.5 else one.choice(_WORDS) for _ in range(one.randrange(1, 20))
    )


def _spread(one: random.Random) -> str:
    return one.choice(" *._|·+~-/、丶灬\u200b\u3000").join(_words(one))


def _surrogates(one: random.Random) -> str:
    return "".join(
        one.choice([chr(one.randrange(0xD800, 0xE000)), one.choice(_WORDS)]) for _ in range(one.randrange(1, 9))
    )


def _points(one: random.Random) -> str:
    return "".join(chr(one.randrange(0x110000)) for _ in range(one.randrange(1, 40)))


def _repeated(one: random.Random) -> str:
    most = one.choice([30, 300, 3000]) if one.random() < 0.02 else 40
    return (one.choice([*_WORDS, *_CUTS, *_UNSEEN, *_EMOJI, *_MARKUP, *_CODE, *_VARIANTS])) * one.randrange(1, most)


def _piled(one: random.Random) -> str:
    return one.choice(_WORDS) + "".join(chr(one.randrange(0x300, 0x370)) for _ in range(one.randrange(1, 200)))


KINDS: dict[str, Draw] = {
    "encodings": _bytes,
    "controls and invisible": _among(_CUTS, _UNSEEN),
    "surrogates": _surrogates,
    "emoji": _among(_EMOJI),
    "piled marks": _piled,
    "evasions": _spread,
    "variants": _among(_VARIANTS),
    "model markup": _among(_MARKUP),
    "code and markup": _among(_CODE),
    "any code points": _points,
    "repeated": _repeated,
    "plain words": _words,
}
HUGE = ["", " ", "\ufeff", "停电" * 50_000, "a" * 100_000, "😭" * 30_000, "a" + "\u0301" * 50_000, "[CLS]" * 20_000,
        "\n" * 100_000, "//@a:" * 20_000, "1" * 100_000, "\ud800" * 100_000, "𠀀" * 20_000]  # fmt: skip


def draw(count: int, seed: int) -> list[tuple[str, str]]:
    """Kinds and strings, the huge ones first; the same for the same seed."""
    one, kinds = random.Random(seed), list(KINDS)
    return [("huge", text) for text in HUGE] + [
        (kind, KINDS[kind](one)) for kind in (kinds[number % len(kinds)] for number in range(count - len(HUGE)))
    ]


def faults(answer: Score | Unscored | None) -> str | None:
    """What is wrong with an answer."""
    if answer is None:
        return "no answer"
    if isinstance(answer, Unscored):
        return None if answer.reason in ("empty", "repost") else f"unscored: {answer.reason}"
    numbers = (answer.negative, answer.polarity.negative, answer.polarity.neutral, answer.polarity.positive)
    sound = all(math.isfinite(number) and 0 <= number <= 1 for number in numbers)
    return None if sound and math.isclose(sum(numbers[1:]), 1, abs_tol=1e-6) else "no probabilities"


def put(scorer: Scorer, texts: list[str], size: int) -> list[Score | Unscored | None]:
    """Each text's answer; None where a whole batch crashed or came back short."""
    answers: list[Score | Unscored | None] = []
    for start in track(range(0, len(texts), size), f"by {size}", disable=not sys.stderr.isatty()):
        batch = texts[start : start + size]
        try:
            got: list[Score | Unscored | None] = [*scorer.score(batch)]
        except Exception as error:  # what is looked for
            click.echo(f"crash: {error!r} on {batch!r:.200}")
            got = []
        answers += got if len(got) == len(batch) else [None] * len(batch)
    return answers


@click.command()
@click.option("--count", default=100_000, show_default=True, help="How many strings.")
@click.option("--seed", default=20_261_121, show_default=True)
@click.option("--model", type=click.Path(path_type=Path), default=ROOT / "nlp" / "model")
def main(count: int, seed: int, model: Path) -> None:
    """Put hostile strings to text handling, rules and scorer, in two batchings."""
    began = time.perf_counter()
    drawn = draw(count, seed)
    texts = [text for _, text in drawn]
    matcher = TopicMatcher(Configuration(ROOT / "configs" / "example", {}).add("topics.yml", TopicsConfig)())
    for text in texts:
        folded = fold(text)
        matcher.topics(folded), matcher.fields(folded), matcher.cues(folded), act_of(for_model(text).text)
    ruled = time.perf_counter()
    together = put(OpenVinoScorer(model, threads=1), texts, TOGETHER)
    order = random.Random(seed).sample(range(count), count)
    shuffled = dict(zip(order, put(OpenVinoScorer(model, threads=1), [texts[at] for at in order], APART), strict=True))
    wrong = Counter(fault for answer in (*together, *shuffled.values()) if (fault := faults(answer)))
    pairs = [
        (one, other)
        for at, one in enumerate(together)
        if isinstance(one, Score) and isinstance(other := shuffled[at], Score)
    ]
    same = sum(one.label == other.label for one, other in pairs)
    apart = max((abs(one.negative - other.negative) for one, other in pairs), default=0.0)
    click.echo(
        f"{count} strings of {len(KINDS)} kinds, seed {seed}: {len(pairs)} scored, {count - len(pairs)} unscored"
    )
    click.echo(f"crashes and bad answers: {dict(wrong) or 'none'}")
    click.echo(f"batches of {TOGETHER} and {APART}: {len(pairs) - same} labels differ, negative by at most {apart:.4f}")
    click.echo(f"rules {ruled - began:.0f} s, scoring twice {time.perf_counter() - ruled:.0f} s")
    sys.exit(bool(wrong) or same < SAME_LABEL * len(pairs) or apart > SAME_NEGATIVE)


if __name__ == "__main__":
    main()
