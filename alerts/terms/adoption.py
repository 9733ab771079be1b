"""A new topic written into the text of topics.yml, where every comment and line of what is there stays. Pure.

No YAML library writes a file as a person did; what is added is a few lines, so they are put into the text as lines.
"""

import json
import re
from dataclasses import dataclass

from yaml import MappingNode, Node, SafeLoader, ScalarNode, YAMLError, compose, safe_load

from alerts.workflow.cases import Refused
from stream.index.tokens import runs
from stream.topics import ALIAS

_PLAIN = re.compile(r"[\u3400-\u9fffA-Za-z][\u3400-\u9fff\w-]*")  # of these no reader makes anything but text
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopic:
    """A topic of one word, as a person asks for it."""

    term: str
    key: str
    name: str
    owner: str


def check_term(term: str) -> None:
    """Raises `Refused` for what would be no word of a rule, or one that nearly every post has."""
    if term.startswith(ALIAS):
        raise Refused(f"「{term}」以 {ALIAS} 开头，在规则里是词组的名称：去掉 {ALIAS}，写一个词")
    if sum(map(len, (token for run in runs(term) for token in run))) < _LEAST_LETTERS:
        raise Refused(f"「{term}」不能作为词：至少要有两个字、字母或数字")


def topic_lines(topic: NewTopic, indent: int = 2) -> list[str]:
    """Writes the topic as lines of topics.yml."""
    lines = [
        f"{_scalar(topic.key)}:",
        f"  name: {_scalar(topic.name)}",
        f"  owner: {_scalar(topic.owner)}",
        "  rules:",
        f"    - any_of: [{_scalar(topic.term)}]",
    ]
    return [" " * indent + line for line in lines]


def with_topic(text: str, topic: NewTopic) -> str:
    """Returns the text of topics.yml with the topic as the last of `topics`; nothing else in it changes.

    Raises `Refused` where `topics` is written in braces: there are no lines then to put it between.
    """
    topics = _topics(text)
    end = "\r\n" if "\r\n" in text else "\n"
    if isinstance(topics, MappingNode) and topics.value and not topics.flow_style:
        before = _without_what_follows(text[: topics.end_mark.index])
        lines = ["", *topic_lines(topic, topics.start_mark.column)]
        return (
            before + (end if before[-1] != "\n" else "") + "".join(line + end for line in lines) + text[len(before) :]
        )
    if isinstance(topics, MappingNode) and topics.value:
        raise Refused("topics.yml 的 topics 写在花括号里，无法逐行添加：先把它改成每行一项")
    after = text[topics.end_mark.index :]
    return text[: topics.start_mark.index].rstrip(" ") + end + end.join(topic_lines(topic)) + (after or end)


def _topics(text: str) -> Node:
    try:
        root = compose(text, SafeLoader)
    except YAMLError as error:
        raise Refused(f"topics.yml 读不出来：{' '.join(str(error).split())}") from error
    pairs: list[tuple[Node, Node]] = root.value if isinstance(root, MappingNode) else []
    for key, value in pairs:
        if isinstance(key, ScalarNode) and key.value == "topics":
            return value
    raise Refused("topics.yml 里没有 topics：先写上 topics: {}")


def _without_what_follows(section: str) -> str:
    """Cuts off the empty lines and comments behind the last thing of a section: they are of what comes after it."""
    lines = section.split("\n")
    while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
        lines.pop()
    kept = "\n".join(lines)
    return section[: len(kept) + 1]


def _scalar(value: str) -> str:
    """Writes a text as people do; in quotes where YAML would read anything else out of it."""
    return value if _PLAIN.fullmatch(value) and safe_load(value) == value else json.dumps(value, ensure_ascii=False)
