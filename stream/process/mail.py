"""What a mail address and a host are, and which of them nobody has: those that RFC 2606 sets apart for examples.

One grammar for what configuration accepts, what the mail library writes and what a name server is asked: RFC 5321's
dot-atom before the @, RFC 1123's labels behind it.
"""

from re import compile as pattern
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = pattern(rf"(?=.{{1,64}}$){_ATOM}(?:\.{_ATOM})*")
_HOST = pattern(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_MADE_UP = pattern(r"(^|[@./])(example\.(com|org|net)|(example|invalid|test))\.?($|[/:?#])")


def _mail_address(text: str) -> str:
    local, at, host = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(host):
        raise ValueError("this is no mail address")
    return text


def _host_name(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(
            "this is no host: write a name of letters, digits and hyphens with single dots between, "
            "at most 63 characters from dot to dot and none at either end"
        )
    return text


MailAddress = Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail_address)]
HostName = Annotated[str, StringConstraints(max_length=253), AfterValidator(_host_name)]


def is_made_up(address: str) -> bool:
    """Tells whether a mail address, host or page is nobody's.

    Those are of example.com, .org, .net, or .example, .invalid, .test.
    """
    return _MADE_UP.search(address.lower()) is not None
