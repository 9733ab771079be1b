"""The strict loader: a YAML file and its dataclass, every mistake at once, before any connection is opened."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from re import compile, fullmatch
from typing import Annotated, Any, Protocol, TypeVar, runtime_checkable
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from yaml import CSafeLoader, MappingNode, MarkedYAMLError, YAMLError, load
from yaml.composer import Composer

from stream.errors import ConfigError, Mistake
from stream.process.schedule import check_cron

T = TypeVar("T")

Found = tuple[tuple[int | str, ...], Any, str]  # a mistake's place in the file, what is written there, what is wrong

STRICT = ConfigDict(extra="forbid", validate_default=True, allow_inf_nan=False)
ENVIRONMENT = "WENFENG_"
LONGEST = timedelta(days=36_500)  # what is counted back from now must still be a date
_UNFIT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})  # Unicode categories that no secret has
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def read_duration(value: object) -> object:
    """Reads `90d`, `15m`, `30s`, `500ms` as a timedelta; anything else is left for the type to refuse."""
    if isinstance(value, str):
        if not (match := fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", value.strip())):
            raise ValueError(f"{value!r} is no duration: write a number and ms, s, m, h or d, as in 15m")
        seconds = float(match[1]) * _UNITS[match[2]]
        if seconds > LONGEST.total_seconds():
            raise ValueError(f"{value!r} is longer than {LONGEST.days}d")
        return timedelta(seconds=seconds)
    if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
        raise ValueError(f"{value!r} has no unit: write {value}s, {value}m or {value}h")
    return value


def _positive(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError("must not be negative")
    return value


Duration = Annotated[timedelta, BeforeValidator(read_duration), AfterValidator(_positive)]
Cron = Annotated[str, AfterValidator(check_cron)]
Secret = SecretStr  # never in repr, never in a log
WITHOUT_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]+$"


def resolve_secrets(raw: Any, names: tuple[str, ...], environ: Mapping[str, str]) -> Any:
    """Replaces `NAME_env: VARIABLE` or `NAME_file: PATH` by the secret itself, for each of `names`.

    For a dataclass's `model_validator(mode="before")`, with the environment as validation context. A secret written
    into the YAML itself is refused: files in configs/ are for everybody to read.
    """
    if not isinstance(raw, dict):
        return raw
    found = dict(raw)
    for name in names:
        if name in found:
            raise ValueError(f"{name} must not be written here: use {name}_env: VARIABLE or {name}_file: PATH")
        variable, path = found.pop(f"{name}_env", None), found.pop(f"{name}_file", None)
        if variable is not None and path is not None:
            raise ValueError(f"give {name}_env or {name}_file, not both")
        if variable is not None:
            found[name] = _from_environment(str(variable), environ)
        elif path is not None:
            found[name] = _from_file(Path(str(path)))
    return found


def bare_secret(found: str, origin: str) -> str:
    """Takes the blanks and line breaks off the ends of a secret, as mounted files and `$(…)` bring them along.

    Raises ValueError, which names `origin` and shows nothing, where it is empty or holds what no protocol carries:
    control and invisible characters, bytes that are no UTF-8. Every secret goes this way, whatever it comes from.
    """
    secret = found.strip()
    if not secret:
        raise ValueError(f"{origin} is empty")
    if any(category(character) in _UNFIT for character in secret):
        raise ValueError(
            f"{origin} holds a line break, a control or an invisible character, or is not UTF-8: write it anew"
        )
    return secret


def header_secret(secret: SecretStr | None) -> SecretStr | None:
    """Refuses, without showing it, a secret that is to stand in a header of HTTP and is not plain ASCII."""
    if secret is not None and not secret.get_secret_value().isascii():
        raise PydanticCustomError("secret", "a key of ASCII characters is needed here, and this one has others")
    return secret


def _from_environment(variable: str, environ: Mapping[str, str]) -> str:
    if not variable.startswith(ENVIRONMENT):
        raise ValueError(f"environment variables of this project begin with {ENVIRONMENT}, not {variable!r}")
    if not environ.get(variable):
        raise ValueError(f"the environment variable {variable} is not set")
    return bare_secret(environ[variable], f"the environment variable {variable}")


def _from_file(path: Path) -> str:
    try:
        secret = path.read_text("utf-8-sig")  # some editors put a mark before the text
        writable_by_others = path.stat().st_mode & 0o022
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8: write the secret anew") from None  # its words would show bytes of it
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the secret: {error}") from error
    if writable_by_others:
        raise ValueError(f"{path} may be changed by others: chmod 600 {path}")
    return bare_secret(secret, str(path))


@runtime_checkable
class Judging(Protocol):
    """A file's dataclass that sees mistakes which no key shows alone."""

    def mistakes(self) -> Iterator[tuple[str, str]]: ...


# What PyYAML lets through of Python's own: a date 2001-99-99, `!!int x`, a list as a key, 5,000 brackets.
_YAML_RAISES = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


_RESOLVERS = {
    first: [(tag, form) for tag, form in known if first in "tTfF" or not tag.endswith(":bool")]
    for first, known in CSafeLoader.yaml_implicit_resolvers.items()
}


class _Loader(Composer, CSafeLoader):
    """SafeLoader that refuses a key written twice: the second would silently win.

    Only `true` and `false` are truth values, as YAML 1.2 has it: of `yes`, `no`, `on` and `off` 1.1 made numbers where
    a number was due, and a person's key `no` was none. libyaml takes the text apart, PyYAML's composer puts it
    together: libyaml's own ends the process where brackets are nested a hundred thousand deep.
    """

    def __init__(self, stream: str) -> None:
        CSafeLoader.__init__(self, stream)
        Composer.__init__(self)
        self.yaml_implicit_resolvers = _RESOLVERS

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise MarkedYAMLError(problem=f"the key {key!r} is written twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_together(raw: Any, read: Callable[[Any], T], wrong: Iterable[Found]) -> T:
    """Calls `read(raw)`, for a model_validator(mode="wrap").

    Tells `wrong`, seen in the whole, beside the keys' own mistakes.

    Without this they would be told only once those are mended.
    """
    mistakes = [_mistake(*one) for one in wrong]
    try:
        value = read(raw)
    except ValidationError as error:
        keys = [_mistake(one["loc"], one["input"], one["msg"], one["type"]) for one in error.errors()]
        raise ValidationError.from_exception_data(error.title, keys + mistakes) from None
    if mistakes:
        raise ValidationError.from_exception_data(type(value).__name__, mistakes)
    return value


def _mistake(place: tuple[int | str, ...], found: Any, problem: str, kind: str = "reference") -> InitErrorDetails:
    words = PydanticCustomError(kind, "{problem}", {"problem": problem})
    return InitErrorDetails(type=words, loc=place, input=found)


class Configuration:
    """One process's configuration files, read together so that all their mistakes are told together.

    `add` each file, then `check` once; what `add` returned is valid only after that.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        self._environ = environ
        self._mistakes: list[Mistake] = []

    def add(self, name: str, kind: type[T]) -> Callable[[], T]:
        """Reads `name` as `kind`; the returned function gives the value once `check` has passed."""
        with _without_collecting():
            value = self._read(self._folder / name, TypeAdapter(kind))

        def read() -> T:
            self.check()
            assert value is not None
            return value

        return read

    def refuse(self, file: str, key: str, problem: str) -> None:
        """Adds a mistake that only the caller could see, such as a name of another file that does not exist."""
        self._mistakes.append(Mistake(file, key, problem))

    def check(self) -> None:
        """Raises `ConfigError` with everything found so far."""
        if self._mistakes:
            raise ConfigError(self._mistakes)

    def _read(self, path: Path, adapter: TypeAdapter[T]) -> T | None:
        text = ""
        try:
            text = path.read_text("utf-8")
            raw = load(text, _Loader)
        except FileNotFoundError:
            self.refuse(str(path), "", "the file is missing")
            return None
        except (OSError, YAMLError, *_YAML_RAISES) as error:
            self.refuse(str(path), "", f"not readable as YAML: {_one_line(error, text)}")
            return None
        try:
            value = adapter.validate_python({} if raw is None else raw, context=self._environ)
            if isinstance(value, Judging):
                for key, problem in value.mistakes():
                    self.refuse(str(path), key, problem)
            return value
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self.refuse(str(path), ".".join(map(str, one["loc"])), _words(one, text))
            return None


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keeps Python from looking for garbage in what is being made and stays: of long files it takes most of the time.

    It looks again each time that there is a quarter more, through all of it.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


# What pydantic calls a value that is no section or no list, where one is due.
SECTIONS = frozenset({"dict_type", "mapping_type", "dataclass_type", "model_type", "model_attributes_type"})
_LISTS = frozenset({"list_type", "tuple_type", "set_type", "frozen_set_type"})
_OWN = ("Input should be", "Field required")  # how its own words begin, which speak of Python's types
WITH_KEYS = "write its keys below it, each as `key: value`"


def _words(error: Any, text: str) -> str:
    """Words a mistake for whoever wrote the file, `text`."""
    kind, given = error["type"], error["input"]
    if kind == "unexpected_keyword_argument":
        return "unknown key: remove it, or correct its spelling"
    message = str(error["msg"]).removeprefix("Value error, ")
    if message.startswith(_OWN):
        message = _due(kind, given, str(error["loc"][-1]) if error["loc"] else "") or message
    if isinstance(given, str) and kind in SECTIONS and "：" in given:
        return _wide_colon(text, given.partition("：")[0].split()[-1:])
    if kind in ("missing", "secret") or isinstance(given, dict | list):
        return message
    return f"{message} (found {given!r})"


def _due(kind: str, given: object, key: str) -> str:
    if kind == "missing":
        return f"is missing: write `{key}: ` and its value"
    if kind in _LISTS:
        return "write a list below it, each entry on a line of its own behind `- `"
    if kind in SECTIONS:
        return f"this is a list: {WITH_KEYS}, without `- `" if isinstance(given, list) else WITH_KEYS
    return ""


_INDENTED_BY_TAB = compile(r" *\t")
_WIDE_KEY = compile(r"\s*(?:- +)?[^\s:#：]+：")
_HINTS = {  # what libyaml says, and what to do about it
    "cannot start any token": "put a value that begins with such a character in quotes",
    "mapping values are not allowed": "indent it like its neighbours, and put a value with a colon in it in quotes",
    "could not find expected ':'": "write a colon and a blank behind each key",
    "unexpected end of stream": "a quote or a bracket is not closed",
    "did not find expected": "indent it like its neighbours, and close quotes and brackets",
    "unknown escape character": "in 'single quotes' a backslash stands for itself",
}


def _one_line(error: Exception, text: str) -> str:
    """Says in which line YAML stumbles, and what to write there, as far as that is known."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    at, problem = error.problem_mark.line, str(error.problem)
    lines = text.splitlines()
    if at < len(lines) and _INDENTED_BY_TAB.match(lines[at]):
        return f"line {at + 1}: it begins with a tab: indent with blanks"
    if found := next((key for key in map(_WIDE_KEY.match, lines[max(0, at - 1) : at + 1]) if key), None):
        return _wide_colon(text, [found[0].strip().removesuffix("：")])
    hint = next((f": {hint}" for words, hint in _HINTS.items() if words in problem), "")
    return f"line {at + 1}: {problem}{hint}"


def _wide_colon(text: str, key: Sequence[str]) -> str:
    wide = f"{''.join(key)}："
    line = next((number for number, line in enumerate(text.splitlines(), 1) if wide in line), 0)
    place = f"line {line}: " if line else ""
    return f"{place}`{wide}` has a full-width colon: write `{wide[:-1]}:`, and a blank before a value"
