"""A model on torch and transformers: ours on CUDA and to check the fast form against, or anybody's."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from tokenizers import Tokenizer

from nlp.inference.batches import BatchedScorer, Logits
from nlp.inference.checkpoint import Checkpoint, manifest_of
from nlp.inference.manifest import UnusableModel, check_canaries, read_manifest
from nlp.inference.wide import wide_of


class TorchScorer(BatchedScorer):
    """Scores with the safetensors of a model folder; raises UnusableModel where the folder is not what it should be.

    A folder that is not ours is read by what `checkpoint` says of it. `device` as torch names it; by default CUDA where
    there is one.
    """

    def __init__(self, folder: Path, *, checkpoint: Checkpoint | None = None, device: str | None = None) -> None:
        manifest = read_manifest(folder) if checkpoint is None else manifest_of(folder, checkpoint)
        import torch

        self._torch = torch
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._model = _loaded(folder).float().eval().to(self._device)
        tokenizer = _tokenizer(folder)
        super().__init__(manifest, tokenizer, self._logits, wide_of(folder, manifest))
        check_canaries(manifest, self)

    def _logits(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        with self._torch.inference_mode():
            inputs = [self._torch.from_numpy(part).to(self._device) for part in (ids, mask)]
            logits = self._model(input_ids=inputs[0], attention_mask=inputs[1]).logits
        return np.asarray(logits.float().cpu().numpy(), dtype=np.float32)


def _loaded(folder: Path) -> Any:
    """Load from safetensors alone, nothing of it made up and no code but that of transformers."""
    from transformers import AutoModelForSequenceClassification

    try:
        model, told = AutoModelForSequenceClassification.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, trust_remote_code=False, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise UnusableModel(f"{folder} cannot be loaded: {error}") from error
    if missing := sorted(told["missing_keys"]):
        raise UnusableModel(f"{folder} is not trained for this: expected {', '.join(missing)} among its weights")
    return model


def _tokenizer(folder: Path) -> Tokenizer:
    """Load tokenizer.json, or what transformers makes of the vocabulary of a checkpoint from before there was one."""
    path = folder / "tokenizer.json"
    if path.is_file():
        try:
            return Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise UnusableModel(f"{path} is no tokenizer: {error}") from error
    from transformers import AutoTokenizer

    try:
        found = AutoTokenizer.from_pretrained(folder, use_fast=True, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UnusableModel(f"{folder} has no tokenizer: expected tokenizer.json or a vocabulary: {error}") from error
    if not isinstance(getattr(found, "backend_tokenizer", None), Tokenizer):
        raise UnusableModel(f"{folder}: expected a tokenizer of the tokenizers library, not {type(found).__name__}")
    return found.backend_tokenizer
