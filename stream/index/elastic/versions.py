"""Another version of the indices: filled beside the one in use, then put behind the alias in its place.

While a version is finished the one in use takes no writes (a block of the index): the index stage waits, and goes on in
the new version by itself, so that nothing put meanwhile is lost. Readers see the old version until the switch.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from elasticsearch import Elasticsearch

from stream.errors import Rejected, Retryable
from stream.index.elastic.months import by_version, versions, write_templates
from stream.index.elastic.posts import EPOCH, ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.schema import MAPPING, SCHEMA, Names
from stream.index.elastic.server import translated
from stream.index.port import Outcome, Query
from stream.messages import ScoredPost

CHUNK = 1_000  # posts copied at once


class ElasticNextIndex:
    """The next version of an installation's indices, empty when made. One at a time: a second one removes the first."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        self._client = client
        self._names = names
        with translated():
            write_templates(client, names)
            held = versions(client, names)
            self._old = [index for indices in held.values() for index in indices]
            everything = client.indices.get_alias(index=names.pattern).body
            self._remove([index for index in everything if index not in self._old])
        self.number = max(held, default=0) + 1
        self.writer = ElasticIndexWriter(client, names, self.number)
        self.reader = ElasticIndexReader(client, names, self.number)

    def hold(self) -> None:
        """Lets the version in use take no writes from now on."""
        self._block(True)

    def switch(self) -> None:
        """Lets readers and the index stage find this version from now on; the old one is removed."""
        with translated():
            held = versions(self._client, self._names)
            late = {index for indices in held.values() for index in indices} - set(self._old)
            if late:
                self.abandon()
                raise Retryable(f"index: {', '.join(sorted(late))} was made meanwhile: start again")
            everything = self._client.indices.get_alias(index=self._names.pattern).body
            new = by_version(self._names, everything)[self.number]
            self._client.indices.refresh(index=",".join(new))
            add = [{"add": {"index": index, "alias": self._names.posts}} for index in new]
            self._client.indices.update_aliases(actions=add + [{"remove_index": {"index": one}} for one in self._old])

    def abandon(self) -> None:
        """Lets the version in use take writes again, and removes this one."""
        self._block(False)
        with translated():
            everything = self._client.indices.get_alias(index=self._names.pattern).body
            self._remove(by_version(self._names, everything).get(self.number, []))

    def close(self) -> None:
        """Releases the client."""
        self._client.close()

    def refresh(self) -> None:
        """Makes sure that what was put is found."""
        self._client.indices.refresh(index=self._names.pattern)

    def _block(self, on: bool) -> None:
        with translated():
            if self._old:
                self._client.indices.put_settings(
                    index=",".join(self._old), settings={"index.blocks.write": on or None}
                )

    def _remove(self, indices: Sequence[str]) -> None:
        for index in indices:
            self._client.indices.delete(index=index)


def outdated(client: Elasticsearch, names: Names) -> bool:
    """Tells whether indices behind the alias are of an older mapping than this program's."""
    with translated():
        found = client.options(ignore_status=404).indices.get_mapping(index=names.posts).body
        metas = [held["mappings"].get("_meta") for held in found.values() if "mappings" in held]
    return any(meta != MAPPING["_meta"] for meta in metas)


class ElasticIndexAdmin:
    """Keeps `IndexAdmin`."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        self._client = client
        self._names = names

    def migrate(self, now: datetime) -> str:
        """Moves every post into a new version of the indices, if theirs is an older mapping."""
        if not outdated(self._client, self._names):
            return f"the index has this program's mapping, version {SCHEMA}: nothing to do"
        version = ElasticNextIndex(self._client, self._names)
        moved = copy(self._client, self._names, version, now)
        return f"{moved} posts moved; the index is version {version.number}"

    def expire(self, before: datetime, *, dry: bool = False) -> list[str]:
        """Removes the months that ended before then, by name: no server needs a policy for it. The first one stays."""
        with translated():
            held = [index for indices in versions(self._client, self._names).values() for index in indices]
            past = [index for index in held if _ended(self._names, index, before)]
            for index in () if dry else past:
                self._client.indices.delete(index=index)
        return past

    def close(self) -> None:
        """Releases the client."""
        self._client.close()


def _ended(names: Names, index: str, before: datetime) -> bool:
    parts = names.parts(index)
    if parts is None or parts[:2] == (EPOCH.year, EPOCH.month):
        return False
    year, month, _ = parts
    return (year + month // 12, month % 12 + 1) <= (before.astimezone(UTC).year, before.astimezone(UTC).month)


def copy(client: Elasticsearch, names: Names, version: ElasticNextIndex, now: datetime) -> int:
    """Moves every post into `version`; returns how many."""
    try:
        version.hold()
        copied, chunk = 0, list[ScoredPost]()
        for post in ElasticIndexReader(client, names).export(Query()):
            chunk.append(post)
            if len(chunk) == CHUNK:
                copied, chunk = copied + _put_all(version, chunk), []
        copied += _put_all(version, chunk)
        version.refresh()
        version.writer.withhold(now)
        version.switch()
    except BaseException:
        version.abandon()
        raise
    return copied


def _put_all(version: ElasticNextIndex, posts: Sequence[ScoredPost]) -> int:
    """Puts the posts, or raises: what an older mapping took and a newer one refuses must not vanish."""
    for post, put in zip(posts, version.writer.put(posts), strict=True):
        if put.outcome is Outcome.REFUSED:
            raise Rejected("refused", f"{post.id}: {put.detail}")
    return len(posts)
