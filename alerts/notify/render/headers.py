"""How the headers of our mail are written: names of messages in one piece, whatever their length.

The mail library folds a header at 78 characters and makes an encoded word of what has no blank to fold at; a program
that is to find the thread does not read those. RFC 5322 lets a line have 998.
"""

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, Policy


class _InOnePiece(UnstructuredHeader, BaseHeader):
    """A header of names in ASCII that is never folded."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references", "list-id"):
        registry.map_to_type(name, _InOnePiece)
    return registry


#: 7bit: no server on the way needs to know 8BITMIME.
WIRE = SMTP.clone(cte_type="7bit", header_factory=_registry())
