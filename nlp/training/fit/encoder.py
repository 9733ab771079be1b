"""The encoder: its shape in transformers' words, a new one to pre-train, what to start from, and one with a head."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

from nlp.inference.manifest import GRAPH
from nlp.scorer import EMOTIONS
from nlp.training.errors import NoEncoder
from nlp.training.fit.runs import Run
from nlp.training.fit.unrounded import unrounded
from nlp.training.settings import Settings, Shape
from nlp.training.texts.vocabulary import PAD, SPECIAL

ADAPTED, PRETRAINED = "adapted", "last"  # checkpoints of a pre-training run, the later one first
WEIGHTS, TOKENIZER, _SHAPE = "model.safetensors", "tokenizer.json", "config.json"
_ENCODER, _HEAD = "bert.", "classifier."  # parts of a model's weights, by how their names begin


@dataclass(frozen=True, slots=True)
class Start:
    """An encoder to go on from: its shape, its weights as transformers names them, its tokenizer's file.

    A head for the six emotions, where it has one, is among the weights.
    """

    config: BertConfig
    weights: dict[str, torch.Tensor]
    tokenizer: Path


def bert_config(shape: Shape, vocabulary: int, dropout: float = 0.0) -> BertConfig:
    """Say the encoder's shape in transformers' words."""
    return BertConfig(  # type: ignore[call-arg]  # attn_implementation is undeclared
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.hidden,
        max_position_embeddings=shape.positions,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=PAD,
        attn_implementation="eager",  # the CPU flash attention's backward pass costs a third of a step
    )


def new_language_model(settings: Settings, vocabulary: int, embeddings: NDArray[np.float32]) -> BertForMaskedLM:
    """Make a model of random weights but for its token embeddings (vocabulary x hidden), special tokens apart."""
    torch.manual_seed(settings.seed)
    model = BertForMaskedLM(bert_config(settings.shape, vocabulary))
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[len(SPECIAL) :] = torch.from_numpy(embeddings)[len(SPECIAL) :]
    return model


def language_model_from(start: Start, seed: int) -> BertForMaskedLM:
    """Put a new head that names masked tokens on an encoder."""
    torch.manual_seed(seed)
    model = BertForMaskedLM(start.config)
    model.load_state_dict(start.weights, strict=False)
    model.tie_weights()
    return model


def new_classifier(settings: Settings, start: Start) -> BertForSequenceClassification:
    """Put a head for the six emotions on an encoder: its own where it has one, or a new one."""
    config = deepcopy(start.config)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = settings.finetuning.dropout
    config.id2label = dict(enumerate(EMOTIONS))
    config.label2id = {name: index for index, name in enumerate(EMOTIONS)}
    model = BertForSequenceClassification(config)
    model.load_state_dict(start.weights, strict=False)
    return model


def read_start(folder: Path) -> Start:
    """Read what pretrain or fetch left, or a model folder, one of a graph alone too.

    Raises NoEncoder where there is none.
    """
    config = _config_of(folder)
    run, file = Run(folder), folder / WEIGHTS
    state = run.load(ADAPTED) or run.load(PRETRAINED)
    if state is not None:
        found = state["model"]
    elif file.is_file():
        found = load_file(file)
    elif (folder / GRAPH).is_file():
        found = unrounded(folder, config)
    else:
        raise _nothing_in(folder)
    ours = (_ENCODER, _HEAD) if tuple((config.id2label or {}).values()) == EMOTIONS else _ENCODER
    weights = {name: tensor.float() for name, tensor in found.items() if name.startswith(ours)}
    return Start(config, weights, folder / TOKENIZER)


def _config_of(folder: Path) -> BertConfig:
    if not (folder / _SHAPE).is_file():
        raise _nothing_in(folder)
    return BertConfig.from_pretrained(folder, attn_implementation="eager")


def _nothing_in(folder: Path) -> NoEncoder:
    return NoEncoder(f"{folder} holds no encoder to start from: run pretrain or fetch first")
