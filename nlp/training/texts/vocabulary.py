"""The model's own vocabulary: characters and frequent runs of them, learnt from the corpus (byte-pair merges)."""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer

from nlp.training.settings import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
_UNITS = r"\[[^\[\]\s]{1,8}\]|\p{Han}+|[a-z]+|\d|\S"  # merges stay inside a tag, a run of Han, a Latin word


def learn(texts: Iterable[str], settings: Vocabulary) -> Tokenizer:
    """Learn a tokenizer for the model; user text that spells a special token stays plain characters in it."""
    tokenizer = Tokenizer(BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split(Regex(_UNITS), behavior="removed", invert=True)
    trainer = BpeTrainer(
        vocab_size=settings.size,
        limit_alphabet=settings.alphabet,
        max_token_length=settings.longest,
        special_tokens=SPECIAL,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", CLS), ("[SEP]", SEP)])
    tokenizer.encode_special_tokens = True
    return tokenizer


def load(path: Path) -> Tokenizer:
    """Load the tokenizer in a file. `encode_special_tokens` is not kept in the file, so it is set here."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return tokenizer
