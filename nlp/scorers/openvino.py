"""The shipped model on OpenVINO: the fastest way on a CPU, without torch."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.inference.batches import BatchedScorer, Logits
from nlp.inference.manifest import GRAPH, check_canaries, read_manifest
from nlp.inference.wide import wide_of

_GROUP = 256  # inputs of a matrix of int8 weights that share a scale when they, too, are rounded: then all is int8


class OpenVinoScorer(BatchedScorer):
    """Scores with the graph of a model folder; raises UnusableModel where the folder is not what its manifest says.

    `threads` 0 uses every core. bfloat16 is used only where the CPU computes in it.
    """

    def __init__(self, folder: Path, *, threads: int = 0, bfloat16: bool = True) -> None:
        manifest = read_manifest(folder)
        core = _core()
        fast = bfloat16 and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        hints = {
            "INFERENCE_PRECISION_HINT": "bf16" if fast else "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP,
            "ENABLE_CPU_PINNING": False,  # it ties all processes to one core, and each waits there for the others
        }
        self._request = core.compile_model(str(folder / GRAPH), "CPU", hints).create_infer_request()
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        super().__init__(manifest, tokenizer, self._logits, wide_of(folder, manifest))
        check_canaries(manifest, self)

    def _logits(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        answer = self._request.infer({"input_ids": ids, "attention_mask": mask})
        return np.asarray(next(iter(answer.values())), dtype=np.float32)


@cache
def _core() -> Any:
    """Return OpenVINO, one for the process and never let go.

    Its CPU plug-in puts a signal stack of its own under the thread that made it and frees it with itself, in whatever
    order several are freed: after that the next signal, a SIGTERM say, is a segmentation fault (2026.4.1).
    """
    from nlp.inference.runtime import openvino

    return openvino.Core()
