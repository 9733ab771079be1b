"""What a search can be narrowed by: sources, topics, fields and cues, and what people call them."""

from dataclasses import dataclass, field

from sqlalchemy import select

from alerts.casefile.context import CaseContext
from stream.index.finding.sheets import Called
from stream.state.database import reading
from stream.state.source_health import SourceHealth

Choices = tuple[tuple[str, str], ...]  # key and name


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchScope:
    """The keys there are, each with its name, in the order of their configuration; sources by name."""

    sources: Choices = ()
    topics: Choices = ()
    fields: Choices = ()
    cues: Choices = ()
    sites: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> Choices:
        """Returns the keys of a kind: `sources`, `topics`, `fields` or `cues`."""
        found: Choices = getattr(self, kind)
        return found

    @property
    def called(self) -> Called:
        """The names for a sheet of posts."""
        return Called(
            sites=self.sites, sources=dict(self.sources), topics=dict(self.topics), fields=dict(self.fields),
            cues=dict(self.cues),
        )  # fmt: skip


def read_scope(context: CaseContext) -> SearchScope:
    """Reads the sources that ever sent a post, those of before included: their posts are still there."""
    topics, names = context.topics, context.source_names
    with reading(context.engine) as session:
        rows = session.execute(select(SourceHealth.source, SourceHealth.site).order_by(SourceHealth.source)).all()
    by_site: dict[str, set[str]] = {}
    for source, site in rows:
        by_site.setdefault(site, set()).add(names.get(source, source))
    return SearchScope(
        sources=tuple(sorted(((source, names.get(source, source)) for source, _ in rows), key=lambda one: one[1])),
        topics=tuple((key, one.name) for key, one in topics.watched.items()),
        fields=tuple((key, one.name) for key, one in topics.fields.items()),
        cues=tuple((key, one.name) for key, one in topics.cues.items()),
        sites={site: found.pop() for site, found in by_site.items() if len(found) == 1},
    )
