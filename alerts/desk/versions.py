"""By what a case was judged: the model that scored its posts, the program, the rules of its topic."""

import hashlib
from collections.abc import Iterator, Sequence

from stream.index.port import Reader
from stream.topics import WatchedTopic
from stream.version import VERSION


def read_models(reader: Reader, posts: Sequence[str]) -> tuple[str, ...]:
    """Names the models, `name@version`, that scored the posts of these ids, as far as the index has them."""
    return tuple(sorted({post.model for post in reader.get(posts)}))


def version_lines(models: Sequence[str] | None, topic: WatchedTopic | None) -> Iterator[str]:
    """Says what is known of the versions; None where the index was away. Rules are kept with no case: those of now."""
    known = (
        "、".join(models) if models else "不详（索引中没有引用的帖文）" if models is not None else "不详（索引不可用）"
    )
    yield f"评分模型：{known}；程序版本（现行）：{VERSION}"
    rules = "话题已不在 topics.yml 中" if topic is None else f"指纹 {rules_print(topic)}（现行 topics.yml）"
    yield f"话题规则：{rules}；立案时的规则版本未随事件保存"


def rules_print(topic: WatchedTopic) -> str:
    """Fingerprints a topic's rules: twelve hex digits that change when they do."""
    return hashlib.sha256(repr(topic).encode()).hexdigest()[:12]
