"""nlp.yml, strictly read."""

from pathlib import Path

import pytest

from nlp.config import Engine, NlpConfig, read_nlp
from stream.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "configs"
CHECKPOINT = """
checkpoint:
  name: some-sentiment
  version: "1"
  labels: {LABEL_0: negative, LABEL_1: positive}
  files: {}
  canaries: [{text: 气死我了, label: negative}]
"""


def read(folder: Path, text: str) -> NlpConfig:
    (folder / "nlp.yml").write_text(text, "utf-8")
    return read_nlp(folder)


def test_an_empty_file_is_the_shipped_model_on_every_core(tmp_path: Path) -> None:
    config = read(tmp_path, "{}")
    assert config == NlpConfig(scorer=Engine.OPENVINO, model=Path("nlp/model"), threads=0, checkpoint=None)


def test_the_shipped_file_says_what_the_defaults_say() -> None:
    assert read_nlp(SHIPPED) == NlpConfig()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scorer: onnx", "scorer"),
        ("threads: -1", "threads"),
        ("threads: 1025", "threads"),
        ("threads: two", "threads"),
        ("model: 3", "model"),
        ("models: nlp/model", "models: unknown key"),
        ("[]", "nlp.yml"),
        ("scorer: {", "nlp.yml"),
        ("larger: some", "larger"),
        ("unsure: 1.2", "unsure"),
        ("{larger: none, unsure: 0.5}", "`unsure` does nothing"),
        ("checkpoint: {name: x}", "checkpoint"),
        ("scorer: openvino" + CHECKPOINT, "say `scorer: torch`"),
        ("scorer: torch" + CHECKPOINT.replace("some-sentiment", "../up"), "name"),
        ("scorer: torch" + CHECKPOINT + "  positions: 8", "positions"),
        ("scorer: torch" + CHECKPOINT + "  temperature: 0", "temperature"),
        ("scorer: torch" + CHECKPOINT + "  threshold: 1.5", "threshold"),
    ],
)
def test_a_mistake_is_told_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, text)


def test_a_checkpoint_on_torch_is_read_with_its_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, "scorer: torch" + CHECKPOINT)
    assert config.checkpoint is not None
    assert (config.checkpoint.positions, config.checkpoint.temperature, config.checkpoint.threshold) == (128, 1.0, 0.5)
    assert config.checkpoint.canaries[0].label == "negative"
