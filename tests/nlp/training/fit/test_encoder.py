"""The encoder's shape, and what a new model starts from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from nlp.scorer import EMOTIONS  # noqa: E402
from nlp.training.fit.encoder import (  # noqa: E402
    ADAPTED,
    PRETRAINED,
    TOKENIZER,
    Start,
    bert_config,
    language_model_from,
    new_classifier,
    new_language_model,
    read_start,
)
from nlp.training.fit.runs import Run  # noqa: E402
from nlp.training.texts.vocabulary import SPECIAL  # noqa: E402
from tests.nlp.training.toy import tiny_settings  # noqa: E402

SETTINGS = tiny_settings()
VOCABULARY = 40


def embeddings(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.03, (VOCABULARY, SETTINGS.shape.hidden)).astype(np.float32)


def test_the_shape_is_said_in_transformers_words() -> None:
    config = bert_config(SETTINGS.shape, VOCABULARY, dropout=0.25)
    assert (config.num_hidden_layers, config.hidden_size, config.num_attention_heads) == (1, 64, 1)
    assert config.intermediate_size == 4 * 64
    assert (config.vocab_size, config.max_position_embeddings) == (VOCABULARY, 32)
    assert config.hidden_dropout_prob == config.attention_probs_dropout_prob == 0.25


def test_the_embeddings_start_where_they_are_told_and_the_special_ones_by_chance() -> None:
    given = embeddings()
    weight = new_language_model(SETTINGS, VOCABULARY, given).bert.embeddings.word_embeddings.weight
    assert torch.equal(weight[len(SPECIAL) :].detach(), torch.from_numpy(given)[len(SPECIAL) :])
    assert not torch.allclose(weight[: len(SPECIAL)].detach(), torch.from_numpy(given)[: len(SPECIAL)])


def test_a_seed_makes_one_model() -> None:
    one, other = (new_language_model(SETTINGS, VOCABULARY, embeddings()).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    changed = new_language_model(replace(SETTINGS, seed=2), VOCABULARY, embeddings()).state_dict()
    assert any(not torch.equal(one[name], changed[name]) for name in one)


def test_the_classifier_has_the_encoder_that_was_trained_and_a_head_for_six() -> None:
    trained = new_language_model(SETTINGS, VOCABULARY, embeddings())
    encoder = {name: weight for name, weight in trained.state_dict().items() if name.startswith("bert.")}
    found = new_classifier(SETTINGS, Start(trained.config, encoder, Path(TOKENIZER)))
    state = found.state_dict()
    assert all(torch.equal(state[name], weight) for name, weight in encoder.items())
    assert found.classifier.out_features == len(EMOTIONS)
    assert list(found.config.id2label.values()) == list(EMOTIONS)


def test_the_classifier_reads_a_text_alike_whatever_it_is_padded_with() -> None:
    begun = Start(bert_config(SETTINGS.shape, VOCABULARY), {}, Path(TOKENIZER))
    found = new_classifier(SETTINGS, begun).eval()  # type: ignore[no-untyped-call]
    ids = torch.tensor([[2, 10, 11, 12, 3]])
    padded = torch.nn.functional.pad(ids, (0, 7))
    with torch.inference_mode():
        short = found(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        long = found(input_ids=padded, attention_mask=(padded != 0).long()).logits
    torch.testing.assert_close(short, long, atol=1e-5, rtol=1e-4)


def test_of_two_checkpoints_the_adapted_one_is_taken(tmp_path: Path) -> None:
    run = Run(tmp_path)
    bert_config(SETTINGS.shape, VOCABULARY).save_pretrained(tmp_path)
    run.save(PRETRAINED, {"model": {"bert.x": torch.zeros(1), "cls.y": torch.zeros(1)}, "step": 8})
    assert set(read_start(tmp_path).weights) == {"bert.x"}
    run.save(ADAPTED, {"model": {"bert.x": torch.ones(1)}, "step": 6})
    assert read_start(tmp_path).weights["bert.x"].item() == 1


def test_a_language_model_goes_on_from_an_encoder_and_its_head_reads_the_same_embeddings() -> None:
    trained = new_language_model(SETTINGS, VOCABULARY, embeddings())
    encoder = {name: weight for name, weight in trained.state_dict().items() if name.startswith("bert.")}
    found = language_model_from(Start(trained.config, encoder, Path(TOKENIZER)), seed=3)
    assert all(torch.equal(found.state_dict()[name], weight) for name, weight in encoder.items())
    assert found.cls.predictions.decoder.weight is found.bert.embeddings.word_embeddings.weight


def test_checkpoints_keep_the_names_of_earlier_runs() -> None:
    assert (PRETRAINED, ADAPTED) == ("last", "adapted")
