"""From a fine-tuned model to the folder that ships: safetensors and OpenVINO graph, calibration, manifest."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import BertForSequenceClassification

from nlp.inference.manifest import Canary, Manifest, WeightType, hashes
from nlp.inference.wide import WIDE, Wide, read_wide, write_wide
from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.training.fit.calibration import (
    DevRows,
    Logits,
    calibrate,
    dev_with_polarities,
    logit_offsets,
    wide_weight,
)
from nlp.training.fit.stages import logits_of
from nlp.training.settings import Settings
from nlp.training.ship.graph import GRAPH, write_graph, write_manifest
from nlp.training.texts.batches import tokens_of
from nlp.training.texts.vocabulary import load
from stream.messages import Label

NAME = "wenfeng-mini"
WEIGHTS = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")

# Written by hand, apart from all data. One that the model gets wrong is left out of the manifest and told.
CANARIES: Mapping[str, Label] = {
    "食堂又涨价了,菜还特别难吃,真的气死了": Label.NEGATIVE,
    "停电一整天没人管,投诉电话也打不通,太让人失望了": Label.NEGATIVE,
    "好难过,一个人在医院哭了一晚上[泪]": Label.NEGATIVE,
    "太可怕了,吓得我一晚上不敢睡": Label.NEGATIVE,
    "今天好开心呀,谢谢大家的祝福,爱你们[心]": Label.POSITIVE,
    "师傅上门很快,服务态度特别好,点赞[赞]": Label.POSITIVE,
    "公司将于下周一召开第三季度工作会议": Label.NEUTRAL,
    "该条例自发布之日起施行,共分为六章四十二条": Label.NEUTRAL,
}


def export(
    settings: Settings,
    data: Path,
    tuned: Path,
    out: Path,
    *,
    version: str,
    scorer: Callable[[Path], Scorer],
    name: str = NAME,
) -> list[str]:
    """Write the model of train() to `out` as it ships, calibrated on the dev sets.

    Return the canaries that the model got wrong and that the manifest therefore does not hold. `scorer` opens a model
    folder: it answers the canaries, and its labels are what the manifest promises.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = BertForSequenceClassification.from_pretrained(tuned / "model", attn_implementation="eager")
    rows = dev_with_polarities(data)
    encoder = _encoded(model, tuned, rows)
    joined, wide = _joined(encoder, tuned, rows)
    offsets = logit_offsets(joined, rows)
    calibration = calibrate({name: logits + offsets for name, logits in joined.items()}, rows, settings.abstain)
    with torch.no_grad():
        model.classifier.bias.add_(torch.from_numpy(offsets))
    if wide is not None:
        write_wide(wide, out / WIDE)
    _write_weights(model, tuned, out)
    write_graph(out, WeightType.FLOAT16)
    manifest = Manifest(
        name=name,
        version=version,
        labels=EMOTIONS,
        weights=WeightType.FLOAT16,
        positions=int(model.config.max_position_embeddings),
        temperature=calibration.temperature,
        threshold=calibration.threshold,
        files=hashes(out, [*WEIGHTS, *GRAPH, *([] if wide is None else [WIDE])]),
        canaries=(),
    )
    write_manifest(manifest, out)
    answers = scorer(out).score(list(CANARIES))
    right = {
        text
        for text, answer in zip(CANARIES, answers, strict=True)
        if isinstance(answer, Score) and answer.label == CANARIES[text]
    }
    kept = tuple(Canary(text=text, label=label) for text, label in CANARIES.items() if text in right)
    write_manifest(replace(manifest, canaries=kept), out)
    return [text for text in CANARIES if text not in right]


def _encoded(model: BertForSequenceClassification, tuned: Path, rows: DevRows) -> dict[str, Logits]:
    """Return the encoder's logits of the dev sets."""
    tokenizer, positions = load(tuned / "tokenizer.json"), model.config.max_position_embeddings
    return {
        name: logits_of(model, tokens_of(tokenizer, [row.text for row in many], positions))
        for name, many in rows.items()
    }


def _joined(encoder: dict[str, Logits], tuned: Path, rows: DevRows) -> tuple[dict[str, Logits], Wide | None]:
    """Add the wide part with the weight that suits the encoder; None of it where none does."""
    wide = read_wide(tuned / WIDE)
    beside = {name: wide.logits([row.text for row in many]) for name, many in rows.items()}
    weight = wide_weight(encoder, beside, rows)
    if not weight:
        return encoder, None
    joined = {name: encoder[name] + weight * beside[name] for name in rows}
    return joined, replace(wide, weights=wide.weights * weight, bias=wide.bias * weight)


def _write_weights(model: BertForSequenceClassification, tuned: Path, out: Path) -> None:
    """Write in half precision: half the size; both runtimes compute from the same rounded weights."""
    model.half().save_pretrained(out)  # type: ignore[no-untyped-call]
    shutil.copyfile(tuned / "tokenizer.json", out / "tokenizer.json")
    about: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.config.max_position_embeddings,
        **{f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")},
    }
    (out / "tokenizer_config.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    assert load(out / "tokenizer.json").get_vocab_size() == model.config.vocab_size
