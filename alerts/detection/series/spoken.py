"""In how many hours something was said: what tells a rumour that grows slowly from posts that come in clumps. Pure.

Three posts on a day, six on the next and twelve on the third are as many as four lively threads, but they fall into
fifteen different hours, where clumps fall into four. An hour stays silent with the negative binomial's P(0) = D^-r
(tail.py). Where a topic is never silent for an hour this says nothing, and the counts themselves do.
"""

import numpy as np

from alerts.detection.series.memory import Floats

_LEAST_DISPERSION = 1.05


def spoken_hours(counted: Floats, due: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """Counts the hours with posts, (S,), and how many are to be expected, of hours that `counted` posts where so many
    were `due`, both (hours, S), and came with such a `dispersion`, (S,)."""
    wide = np.maximum(dispersion, _LEAST_DISPERSION)
    return (counted > 0).sum(axis=0).astype(np.float64), (1 - wide ** (-due / (wide - 1))).sum(axis=0)
