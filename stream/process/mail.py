"""What a mail address is, and which addresses nobody has: those that RFC 2606 sets apart for examples."""

from re import compile as pattern
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_ADDRESS = pattern(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MADE_UP = pattern(r"(^|[@./])(example\.(com|org|net)|(example|invalid|test))\.?($|[/:?#])")


def _mail_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("this is no mail address")
    return text


MailAddress = Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail_address)]


def is_made_up(address: str) -> bool:
    """Tells whether a mail address, host or page is nobody's.

    Those are of example.com, .org, .net, or .example, .invalid, .test.
    """
    return _MADE_UP.search(address.lower()) is not None
