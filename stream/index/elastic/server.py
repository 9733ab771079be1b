"""One Elasticsearch server: how it is reached, whether it fits, and what its errors mean to a stage."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from re import match
from typing import Any, TypeVar

from elastic_transport import ApiError, ConnectionError, ConnectionTimeout, SerializationError, TlsError, TransportError
from elasticsearch import Elasticsearch, OrjsonSerializer, UnsupportedProductError

from stream.errors import ConfigError, Mistake, Retryable

OLDEST, NEWEST = (8, 14), (10, 0)  # server versions: from, and below
TIMEOUT = 30.0  # seconds for one request; writing twice does no harm, so giving up early does none either
BLOCKED = 60.0  # seconds between attempts while the server takes no writes

R = TypeVar("R")


def connect(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    api_key: str | None = None,
    ca: Path | None = None,
) -> Elasticsearch:
    """Connects a client to the server at `url`, of a version that fits. `ConfigError` for what only a person can mend.

    The client never retries by itself: a stage waits with its partitions paused instead. `Retryable` when nobody
    answers, which may be the address or the hour.
    """
    if ca is not None and not ca.is_file():
        raise unusable(f"{ca} is not there: correct the path", "index_ca")
    trust: dict[str, Any] = {} if ca is None else {"ca_certs": str(ca)}
    try:
        client = Elasticsearch(
            url,
            basic_auth=(user or "elastic", password) if password is not None else None,
            api_key=api_key,
            **trust,
            serializer=OrjsonSerializer(),
            request_timeout=TIMEOUT,
            max_retries=0,
            retry_on_timeout=False,
        )
    except (ValueError, OSError) as error:
        raise unusable(f"{url}: {error}; write http(s)://host:9200") from error
    try:
        _refuse_unfit(client, url)
    except BaseException:
        client.close()
        raise
    return client


def _refuse_unfit(client: Elasticsearch, url: str) -> None:
    try:
        with translated():
            nodes = client.options(request_timeout=5).perform_request(
                "GET", "/_nodes/_local?filter_path=nodes.*.version", headers={"accept": "application/json"}
            )
    except UnsupportedProductError as error:
        raise unusable(f"{url} is not an Elasticsearch server: correct the address") from error
    except SerializationError as error:
        raise unusable(f"{url} answers, but not as Elasticsearch does: correct the address") from error
    for node in _dict(nodes.body).get("nodes", {}).values():
        refuse_version(str(node["version"]), url)


def refuse_version(version: str, url: str) -> None:
    """Raises `ConfigError` for a server that this program was not made for."""
    found = match(r"(\d+)\.(\d+)", version)
    if found is None or not OLDEST <= (int(found[1]), int(found[2])) < NEWEST:
        raise unusable(f"{url} is Elasticsearch {version}: this program needs 8.14 or newer, below 10")


def unusable(problem: str, key: str = "index") -> ConfigError:
    """Builds the mistake of the index's lines, in words for who wrote them."""
    return ConfigError([Mistake("stream.yml", key, problem)])


@contextmanager
def translated() -> Iterator[None]:
    """Turns the client's errors into instructions: wait, or a person must mend it. The rest crashes as it is."""
    try:
        yield
    except ApiError as error:
        raise instruction(error) from error
    except TlsError as error:
        raise unusable(f"the certificate is not trusted ({_first(error)}): set index_ca to the CA's file") from error
    except ConnectionTimeout as error:
        raise Retryable("index: Elasticsearch did not answer in time") from error
    except ConnectionError as error:
        if "Failed to resolve" in _first(error):
            raise unusable(f"no such host ({_first(error)}): correct the address") from error
        hint = "is it running, is index in stream.yml right?"
        raise Retryable(f"index: Elasticsearch is not reached ({_first(error)}): {hint}") from error


def instruction(error: ApiError) -> Exception:
    """Tells what an error answer means for a whole request.

    Blocks, refused logins and missing indices are kept apart.
    """
    status, kind = error.meta.status, error_type(error.body)
    if kind == "cluster_block_exception":
        return Retryable(f"index: Elasticsearch takes no writes: {reason(error.body)}", after=BLOCKED)
    if status == 401:
        return unusable("the login is refused: correct index_user and index_password, or index_api_key")
    if status == 403:
        return unusable(f"the login lacks a right (docs/elasticsearch.md lists them): {reason(error.body)}")
    if status == 404 and kind == "index_not_found_exception":
        return Retryable(f"index: {reason(error.body)}: the index stage makes it, `python -m stream index`")
    if status == 429 or status >= 500 or kind == "search_context_missing_exception":
        return Retryable(f"index: Elasticsearch answers {status} {kind}: {reason(error.body)}")
    return error


def error_type(body: Any) -> str:
    """Reads the engine's name of an error, "" where it gives none."""
    return str(_cause(body).get("type", ""))


def reason(body: Any) -> str:
    """Reads the engine's own sentence with its innermost cause, cut to a line's length."""
    cause = _cause(body)
    told = str(cause.get("reason", ""))
    while isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    deepest = str(cause.get("reason", ""))
    return told[:500] if deepest in told else f"{told[:200]}: {deepest[:300]}"


def _cause(body: Any) -> dict[str, Any]:
    """Finds the error's object, of an answer or of an item of a bulk."""
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    return dict(error) if isinstance(error, Mapping) else {"reason": str(error)}


def complete(answer: Any) -> dict[str, Any]:
    """Returns the body of a search's or count's answer; raises `Retryable` where not every shard answered."""
    body = _dict(answer.body)
    if body.get("timed_out") or body.get("_shards", {}).get("failed"):
        raise Retryable("index: Elasticsearch answered in part only")
    return body


def asked(ask: Callable[[], R]) -> R:
    """Returns what `ask` returns, its errors translated."""
    with translated():
        return ask()


def _dict(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def _first(error: TransportError) -> str:
    return " ".join(str(error.message).split())[:200]


def present(documents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns those documents of an `mget` that are there; raises Retryable where a shard cannot say whether one is.

    After a restart a shard may still be starting: its documents come as errors, not as missing ones.
    """
    told = list(documents)
    unsure = [one for one in told if "error" in one and error_type(one) != "index_not_found_exception"]
    if unsure:
        raise Retryable(f"index: Elasticsearch cannot read {len(unsure)} of {len(told)} posts: {reason(unsure[0])}")
    return [one for one in told if one.get("found")]
