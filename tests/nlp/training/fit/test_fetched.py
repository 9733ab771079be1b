"""The encoder that is fetched: read out of its maker's graph, with a tokenizer of its own; once from the registry."""

import os
from pathlib import Path
from shutil import which

import numpy as np
import pytest

pytest.importorskip("torch", reason="make test brings torch and transformers")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from nlp.inference.runtime import openvino, operations
from nlp.training.fit.encoder import TOKENIZER, read_start
from nlp.training.fit.fetched import TOLERANCE, fetch, tokenizer_of, weights_of
from nlp.training.texts.vocabulary import SPECIAL, load

needs_maven = pytest.mark.skipif(which("mvn") is None and "CI" not in os.environ, reason="mvn is not installed")


def exported() -> tuple[object, np.ndarray, np.ndarray]:
    """Return a graph as an exporter leaves it: biases by name, matrices known by the node that multiplies by them."""
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    bias = np.ones(3, np.float32)
    given = operations.parameter([1, 2], np.float32)
    nameless = operations.constant(matrix)
    nameless.set_friendly_name("onnx::MatMul_541")
    product = operations.matmul(given, nameless, False, False)
    product.set_friendly_name("/encoder/layer.0/attention/self/query/MatMul")
    added = operations.constant(bias)
    added.set_friendly_name("encoder.layer.0.attention.self.query.bias")
    return openvino.Model([operations.add(product, added)], [given]), matrix, bias


def test_matrices_without_a_name_are_known_by_the_node_that_multiplies_by_them() -> None:
    graph, matrix, bias = exported()
    found = weights_of(graph)
    assert set(found) == {
        "encoder.layer.0.attention.self.query.weight",
        "encoder.layer.0.attention.self.query.bias",
    }
    np.testing.assert_array_equal(found["encoder.layer.0.attention.self.query.weight"], matrix.T)
    np.testing.assert_array_equal(found["encoder.layer.0.attention.self.query.bias"], bias)


def test_han_are_read_by_character_words_by_pieces_and_tags_whole() -> None:
    known = [*SPECIAL, "停", "电", "220", "##kv", "cafe", "!", "[泪]", "[", "]"]
    read = tokenizer_of(known)
    assert read.encode("停电!220kv café[泪]").tokens == [
        "[CLS]", "停", "电", "!", "220", "##kv", "cafe", "[泪]", "[SEP]",
    ]  # fmt: skip
    assert read.encode("[SEP]").tokens[1] == "[", "a special token spelt out by a user is plain characters"


@needs_maven
def test_what_the_registry_serves_becomes_an_encoder_that_computes_what_its_makers_does(tmp_path: Path) -> None:
    assert fetch(tmp_path) <= TOLERANCE
    begun = read_start(tmp_path)
    assert (begun.config.num_hidden_layers, begun.config.hidden_size, begun.config.max_position_embeddings) == (
        4, 512, 128,
    )  # fmt: skip
    assert begun.config.vocab_size == load(tmp_path / TOKENIZER).get_vocab_size() == 13_747
    assert sum(weight.numel() for weight in begun.weights.values()) == pytest.approx(19.7e6, rel=0.01)
    shown = load(tmp_path / TOKENIZER).encode("师傅说“没事”[泪]").tokens
    assert "[UNK]" not in shown
    assert {"“", "”", "[泪]"} <= set(shown)
