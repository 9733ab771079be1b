"""Whether a text says of something that it is not so: 没有爆炸, 网传爆炸不实. Pure, by short lists of words.

In doubt it is a claim: who asks (没有爆炸吗), supposes (要是没有爆炸), nearly saw it (差点没爆炸), denies that it is
denied (不是没有爆炸) or does not believe the denial (说没有爆炸，谁信) denies nothing. Quotation marks and brackets
change nothing (没有“爆炸”). Texts are folded (stream/spelling/folding.py) or as they were written.

In stream/denying/ each way to deny is a module: a no before it or a nought behind (negation), a verdict right behind
it (falsehood) or on the rumour of it (rumour), what it was instead (likeness). What makes a denial doubtful is asked by
each of them (doubt); that a text as a whole denies, whatever it is about, is the module refusal.
"""

import re

from stream.denying.doubt import doubts_aside as doubts_aside
from stream.denying.doubt import is_contradicted, is_disbelieved, is_taken_back
from stream.denying.falsehood import is_called_false
from stream.denying.likeness import only_seemed
from stream.denying.negation import is_negated
from stream.denying.place import place_of
from stream.denying.refusal import denies as denies
from stream.denying.rumour import is_refuted

_OFFICE = re.compile("地震(?:局|台网)")  # no earthquake is named here


def is_doubted(text: str, end: int) -> bool:
    """Tells whether what the text says up to text[:end] is asked, supposed or not believed, so that it is not said."""
    here = place_of(text, end, end)
    return is_taken_back(here) or is_disbelieved(here) or is_contradicted(here)


def is_denied(text: str, start: int, end: int) -> bool:
    """Tells whether the text says of what it names at text[start:end] that it is not so, or that it is but a rumour."""
    if _OFFICE.match(text, start):
        return True
    here = place_of(text, start, end)
    return is_negated(here) or is_called_false(here) or is_refuted(here) or only_seemed(here)
