"""The file on its way into Kibana: one request, and an answer that may say no in a dozen ways, also with status 200."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.response import BaseHTTPResponse

from stream.process.configuration import bare_secret
from stream.process.loopback import is_loopback_host

PATH = "/api/saved_objects/_import?overwrite=true"
FILE = "wenfeng.ndjson"  # Kibana takes no other ending
LONGEST = Timeout(connect=10, read=120)
SHOWN = 5  # errors told one by one

_WORDS = {
    "missing_references": "refers to objects that are not there",
    "unsupported_type": "is of a type that this Kibana does not know",
    "conflict": "is there already and was not replaced",
    "ambiguous_conflict": "could stand for several objects that are there",
}


class NotTaken(Exception):
    """Raised when Kibana did not take everything; the message is a sentence for whoever typed the command."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who imports: an API key, or a name and a password, or nobody."""

    user: str = ""
    password: str = ""
    api_key: str = ""
    ca: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Login":
        """The login as the environment has it; `NotTaken` for what no request can carry."""
        names = ("USER", "PASSWORD", "API_KEY", "CA")
        return cls(*(_variable(environ, f"WENFENG_KIBANA_{name}") for name in names))

    def headers(self) -> dict[str, str]:
        """What a request shows of it; a name and a password in UTF-8 (RFC 7617), as Kibana reads them."""
        if self.api_key:
            return {"Authorization": f"ApiKey {self.api_key}"}
        if not self.user:
            return {}
        return {"Authorization": f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"}


def _variable(environ: Mapping[str, str], name: str) -> str:
    """Reads a variable as every secret is read; "" where it is not set. What it holds is never shown."""
    if not environ.get(name):
        return ""
    try:
        value = bare_secret(environ[name], name)
    except ValueError as error:
        raise NotTaken(str(error)) from None
    if name.endswith("_API_KEY") and not value.isascii():
        raise NotTaken(f"{name}: a key is of ASCII characters, and this one has others")
    if name.endswith("_USER") and ":" in value:
        raise NotTaken(f"{name}: no user's name has a colon")
    return value


def send(address: str, objects: bytes, login: Login) -> int:
    """Imports the file, replacing objects of the same ids; returns how many. Raises `NotTaken` where any was not."""
    _refuse_unfit(address, login)
    pool = PoolManager(ca_certs=login.ca or None, timeout=LONGEST, retries=False)
    try:
        answer = pool.request(
            "POST",
            address.rstrip("/") + PATH,
            fields={"file": (FILE, objects, "application/ndjson")},
            headers={"kbn-xsrf": "wenfeng", **login.headers()},
            redirect=False,
        )
    except (HTTPError, OSError) as error:
        raise NotTaken(f"{address} was not reached ({_short(error)}): is Kibana running, is KIBANA right?") from error
    except ValueError as error:  # its words would show the header, and so a key
        raise NotTaken(f"{address}: no request can be made with this login: {type(error).__name__}") from None
    finally:
        pool.clear()
    return _taken(address, answer)


def _refuse_unfit(address: str, login: Login) -> None:
    if "@" in address:
        raise NotTaken("no login in the address: set WENFENG_KIBANA_USER and WENFENG_KIBANA_PASSWORD")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except (ValueError, LocationParseError):
        fits = None
    if not fits:
        raise NotTaken(f"{address!r} is no address of a Kibana: write KIBANA=http://host:5601")
    if parts.scheme == "http" and not is_loopback_host(parts.hostname or "") and login.headers():
        raise NotTaken("a login is never sent without TLS: write KIBANA=https://…")


def _taken(address: str, answer: BaseHTTPResponse) -> int:
    body = _body(answer)
    match answer.status:
        case 200 if isinstance(body.get("successCount"), int):
            if body.get("success") is True and not body.get("errors"):
                return int(body["successCount"])
            raise NotTaken(f"Kibana took {body['successCount']} objects, and not: {_errors(body.get('errors', []))}")
        case 401:
            raise NotTaken("the login is refused: correct WENFENG_KIBANA_API_KEY, or _USER and _PASSWORD")
        case 403:
            raise NotTaken(f"the login may not import saved objects here: {_message(body)}")
        case 404:
            raise NotTaken(f"{address} knows no import: is it Kibana, and does its space exist?")
        case 503:
            raise NotTaken("Kibana is not ready yet: try again in a minute")
        case status:
            raise NotTaken(f"{address} answered {status}, not as Kibana does: {_message(body)}")


def _body(answer: BaseHTTPResponse) -> dict[str, Any]:
    try:
        body = answer.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _errors(errors: list[dict[str, Any]]) -> str:
    told = [_error(one) for one in errors[:SHOWN]]
    return (
        "; ".join(told + ([f"and {len(errors) - SHOWN} more"] if len(errors) > SHOWN else [])) or "it did not say what"
    )


def _error(one: dict[str, Any]) -> str:
    why = one.get("error", {})
    missing = ", ".join(f"{to.get('type')} {to.get('id')}" for to in why.get("references", []))
    words = _WORDS.get(str(why.get("type")), _message(why) or str(why.get("type")))
    return f"{one.get('type')} {one.get('id')} {words}" + (f": {missing}" if missing else "")


def _message(body: dict[str, Any]) -> str:
    return " ".join(str(body.get("message", "")).split())[:300]


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
