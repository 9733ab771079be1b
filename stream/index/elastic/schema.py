"""What lies on an Elasticsearch server: names, templates, mapping. Data only; nothing here speaks to a server.

A post lies in the index of the UTC month of its `first_seen_at`, which never changes for a post, under its own id, so
that it is one document wherever it is sent from. Mappings grow by a new version of the indices, never in place: a
version's indices are `wenfeng-posts-2026.09` (version 1) and `wenfeng-posts-2026.09-v2`, and so on. The alias
`wenfeng-posts` has exactly the indices of the version in use.

Two kinds of fields hold a post's words:

- `tokens.*`: the tokens of stream/index/tokens.py, parted by spaces, punctuation between runs as one more token. The
  engine only splits at spaces, so a phrase means to it what it means to us and to every other adapter, on any
  distribution and without a plugin. `index_phrases` makes a word of two characters, the commonest search, one look-up.
  The field is left out of `_source`: it can be made again at any time.
- `title`, `text`: as people read them, for Kibana. Pairs of characters beside single ones at indexing, pairs alone at
  searching, so that 药 is found and 食品安全 is found precisely also by whom quotation marks do not occur to. The
  filter `shingle` makes the pairs since `cjk_bigram` and n-grams are missing from small distributions; unlike
  `cjk_bigram` it pairs across punctuation, which is why the port does not search these.

`phrases` are stream/index/phrases.py's, which only Kibana counts; out of `_source` too.
"""

from datetime import UTC, datetime
from re import fullmatch
from typing import Any

SCHEMA = 5  # of templates, mapping and tokens: another one needs another number, and `python -m stream index migrate`

_KEYWORD = {"type": "keyword"}
_DATE = {"type": "date", "format": "strict_date_optional_time"}
_LONG = {"type": "long"}
_FLOAT = {"type": "float"}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}  # shown, never searched: may be of any length
_TOKENS = {"type": "text", "analyzer": "whitespace", "norms": False, "index_phrases": True}
_HUMAN = {"type": "text", "analyzer": "han", "search_analyzer": "han_search"}


def _object(kind: dict[str, Any], *names: str) -> dict[str, Any]:
    return {"properties": dict.fromkeys(names, kind)}


_PROPERTIES: dict[str, Any] = {
    **dict.fromkeys(("id", "site", "native_id", "source", "kind", "thread_id", "parent_id", "board"), _KEYWORD),
    **dict.fromkeys(("voice", "content_hash", "label", "topics", "fingerprint", "model", "unscored"), _KEYWORD),
    **dict.fromkeys(("act", "act_by", "fields", "cues", "phrases"), _KEYWORD),
    **dict.fromkeys(("published_at", "first_seen_at", "observed_at", "counted_at", "charted_at"), _DATE),
    **dict.fromkeys(("edited_at", "deleted_at", "scored_at"), _DATE),
    **dict.fromkeys(("title", "text"), _HUMAN),
    "schema": {"type": "integer"},
    "floor": _LONG,
    **dict.fromkeys(("url", "passage"), _KEPT),
    "truncated": {"type": "boolean"},
    "withheld": {"type": "boolean"},
    "passed_on": {"type": "boolean"},
    "published_precision": _KEYWORD,
    "counts": _object(_LONG, "views", "replies", "likes", "reposts"),
    "crawl": {"properties": {"robots": _KEYWORD, "rate": _FLOAT, "parser": _KEYWORD, "version": _LONG}},
    "emotion": _object(_FLOAT, "happy", "neutral", "angry", "sad", "fear", "surprise"),
    "polarity": _object(_FLOAT, "negative", "neutral", "positive"),
    "negative": _FLOAT,
    "tokens": _object(_TOKENS, "title", "text"),
}
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"program": "wenfeng", "schema": SCHEMA},
    "_source": {"excludes": ["tokens", "phrases"]},
    "properties": _PROPERTIES,
}
_PAIRS = {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 2, "token_separator": ""}
SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "2s",  # a post may be searched this long after it was put, at most
    "codec": "best_compression",
    "sort": {"field": ["charted_at", "id"], "order": ["desc", "asc"]},  # the search order: a page reads no further
    "query": {"default_field": ["title", "text"]},
    "merge": {"policy": {"expunge_deletes_allowed": 0}},  # what was erased shall leave the disk
}
ANALYSIS: dict[str, Any] = {
    "filter": {
        "pairs_and_singles": {**_PAIRS, "output_unigrams": True},
        "pairs": {**_PAIRS, "output_unigrams": False, "output_unigrams_if_no_shingles": True},
    },
    "analyzer": {
        "han": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs_and_singles"]},
        "han_search": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs"]},
    },
}
ERASED_MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"program": "wenfeng", "schema": 1},
    "properties": {},
}


class Names:
    """What things are called on the server, for the installation called `prefix`."""

    def __init__(self, prefix: str = "wenfeng") -> None:
        self.prefix = prefix
        self.posts = f"{prefix}-posts"  # the alias that readers use, and the index template
        self.settings = f"{prefix}-posts-settings"  # component templates
        self.mapping = f"{prefix}-posts-mapping"
        self.pattern = f"{prefix}-posts-*"
        self.erased = f"{prefix}-erased"  # one document per post that never returns, under the post's id

    def month(self, first_seen_at: datetime, version: int) -> str:
        """Names the index of a post first seen then."""
        moment = first_seen_at.astimezone(UTC)
        suffix = "" if version == 1 else f"-v{version}"
        return f"{self.posts}-{moment.year:04}.{moment.month:02}{suffix}"

    def place(self, version: int | None) -> str:
        """Tells where to read: the alias, or the indices of a version that is not behind it yet."""
        if version is None:
            return self.posts
        return self.pattern + (f"-v{version}" if version > 1 else "")

    def parts(self, index: str) -> tuple[int, int, int] | None:
        """Reads year, month and version of an index of posts; None for a name that is not of that form."""
        match = fullmatch(r"-(\d{4})\.(\d\d)(?:-v([1-9]\d*))?", index.removeprefix(self.posts))
        return None if match is None else (int(match[1]), int(match[2]), int(match[3] or 1))


def components(names: Names) -> dict[str, dict[str, Any]]:
    """Builds the component templates by name."""
    return {
        names.settings: {"template": {"settings": {"index": SETTINGS}}, "_meta": MAPPING["_meta"]},
        names.mapping: {
            "template": {"settings": {"index": {"analysis": ANALYSIS}}, "mappings": MAPPING},
            "_meta": MAPPING["_meta"],
        },
    }


def index_template(names: Names) -> dict[str, Any]:
    """Builds the index template. Indices are made by us alone: a month that is missing is an error, not a new index."""
    return {
        "index_patterns": [names.pattern],
        "composed_of": [names.settings, names.mapping],
        "priority": 500,
        "allow_auto_create": False,
        "_meta": MAPPING["_meta"],
    }
