"""The encoder: its shape in transformers' words, a new one to pre-train, and one with a head to fine-tune."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

from nlp.scorer import EMOTIONS
from nlp.training.fit.runs import Run
from nlp.training.settings import Settings, Shape
from nlp.training.texts.vocabulary import PAD, SPECIAL

ADAPTED, PRETRAINED = "adapted", "last"  # checkpoints of a pre-training run, the later one first


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


def new_classifier(
    settings: Settings, vocabulary: int, encoder: dict[str, torch.Tensor]
) -> BertForSequenceClassification:
    """Put a new head for the six emotions on an encoder's weights."""
    config = bert_config(settings.shape, vocabulary, settings.finetuning.dropout)
    config.id2label = dict(enumerate(EMOTIONS))
    config.label2id = {name: index for index, name in enumerate(EMOTIONS)}
    model = BertForSequenceClassification(config)
    model.load_state_dict(encoder, strict=False)
    return model


def pretrained_encoder(folder: Path) -> dict[str, torch.Tensor]:
    """Read the weights that pretrain() left, as transformers names them; FileNotFoundError where there are none."""
    run = Run(folder)
    state = run.load(ADAPTED) or run.load(PRETRAINED)
    if state is None:
        raise FileNotFoundError(f"{folder} holds no pre-trained encoder: run pretrain first")
    return {name: tensor for name, tensor in state["model"].items() if name.startswith("bert.")}
