"""What posts may be narrowed by: the keys of topics.yml and crawlers.yml, and what people call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from stream.config import raw_sources
from stream.errors import Rejected
from stream.index.finding.sheets import Called
from stream.process.configuration import Configuration
from stream.topics import Mark, TopicsConfig, WatchedTopic

Named = tuple[tuple[str, str], ...]  # keys with their names; a key stands once for each of its names


@dataclass(frozen=True, kw_only=True)
class KnownKeys:
    """Keys with their names. None where there is no file that lists them: then every key is taken as it is."""

    sites: Named | None = None
    sources: Named | None = None
    topics: Named | None = None
    fields: Named | None = None
    cues: Named | None = None

    def keys(self, kind: str, typed: tuple[str, ...]) -> tuple[str, ...]:
        """Finds the keys of `kind` (as `topics`) that are meant by keys or names, in the order of what was typed.

        A name that several have means all of them. Raises `Rejected` with those there are for one that nobody has.
        """
        named: Named | None = getattr(self, kind)
        if named is None:
            return typed
        found = [key for one in typed for key in _meant(kind, one, named)]
        return tuple(dict.fromkeys(found))

    def called(self) -> Called:
        """Names every key that has one name only: a site of several sources keeps its key."""
        kinds = ("sites", "sources", "topics", "fields", "cues")
        return Called(**{kind: _single(getattr(self, kind) or ()) for kind in kinds})


def read_known(configs: Path) -> KnownKeys:
    """Reads the keys of topics.yml and crawlers.yml, as far as these files are there; `ConfigError` for wrong ones."""
    sources = _sources(configs) if (configs / "crawlers.yml").exists() else None
    by_source = None if sources is None else tuple((key, name) for key, _, name in sources)
    by_site = None if sources is None else tuple(dict.fromkeys((site, name) for _, site, name in sources))
    if not (configs / "topics.yml").exists():
        return KnownKeys(sites=by_site, sources=by_source)
    topics = Configuration(configs).add("topics.yml", TopicsConfig)()
    return KnownKeys(
        sites=by_site,
        sources=by_source,
        topics=_names(topics.watched),
        fields=_names(topics.fields),
        cues=_names(topics.cues),
    )


def _sources(configs: Path) -> list[tuple[str, str, str]]:
    """Lists key, site and name of each source, a key in place of what it lacks."""
    found = []
    for key, one in raw_sources(configs).items():
        told = one if isinstance(one, dict) else {}
        found.append((str(key), *(str(told.get(what) or key).strip() for what in ("site", "name"))))
    return [(key, site, name) for key, site, name in found]


def _names(section: Mapping[str, WatchedTopic] | Mapping[str, Mark]) -> Named:
    return tuple((key, one.name) for key, one in section.items())


def _meant(kind: str, typed: str, named: Named) -> list[str]:
    if any(key == typed for key, _ in named):
        return [typed]
    if found := [key for key, name in named if _folded(name) == _folded(typed)]:
        return found
    there = dict.fromkeys(key if name == key else f"{key} ({name})" for key, name in named)
    file = "crawlers.yml" if kind in ("sites", "sources") else "topics.yml"
    raise Rejected(kind, f"{file} has no {typed!r} among its {kind}; known: {', '.join(there) or 'none'}")


def _folded(name: str) -> str:
    return normalize("NFKC", name).strip().casefold()


def _single(named: Named) -> dict[str, str]:
    names: dict[str, set[str]] = {}
    for key, name in named:
        names.setdefault(key, set()).add(name)
    return {key: found.pop() for key, found in names.items() if len(found) == 1}
