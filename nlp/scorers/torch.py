"""The same model on torch and transformers: for CUDA, and to check the fast form against."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.batches import BatchedScorer, Logits
from nlp.manifest import check_canaries, read_manifest
from nlp.wide import wide_of


class TorchScorer(BatchedScorer):
    """Scores with the safetensors of a model folder; raises nlp.manifest.UnusableModel where it is not what it says.

    `device` as torch names it; by default CUDA where there is one.
    """

    def __init__(self, folder: Path, *, device: str | None = None) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification

        manifest = read_manifest(folder)
        self._torch = torch
        self._device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        loaded = AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        self._model = loaded.float().eval().to(self._device)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        super().__init__(manifest, tokenizer, self._logits, wide_of(folder, manifest))
        check_canaries(manifest, self)

    def _logits(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        with self._torch.inference_mode():
            inputs = [self._torch.from_numpy(part).to(self._device) for part in (ids, mask)]
            logits = self._model(input_ids=inputs[0], attention_mask=inputs[1]).logits
        return np.asarray(logits.float().cpu().numpy(), dtype=np.float32)
