"""A person's report: a case opened by hand, over what the watcher did not notice or not yet."""

from datetime import datetime

from alerts.casefile.casework import now_open, open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.telling.gathering import gathered
from alerts.casefile.tripwires import weigh
from alerts.desk.looking import look_at
from alerts.detection.firing import Fired
from alerts.detection.triggers import When
from alerts.people.directory import signature
from alerts.workflow.cases import Case, OpenRequest, Refused
from stream.state.database import transaction


def open_by_hand(context: CaseContext, request: OpenRequest, now: datetime) -> Case:
    """Opens a case because a person asks for it, with the figures of one look at the topic, at its first step.

    `Refused` for a stranger, a topic or post unknown, no reason given, or where a case on the topic is open.
    """
    by, topic = context.person(request.by), _topic(context, request.topic)
    if not request.why.strip():
        raise Refused("请写明上报事由")
    missing = sorted({*request.posts} - {post.id for post in context.reader.get(request.posts)})
    if missing:
        raise Refused(f"没有帖子 {missing[0]}")
    signal, answered = look_at(context, topic, now)
    name = signature(context.config.people, by)
    reported = Fired(
        when=When.HAND, key=str(When.HAND), topic=topic, things=(name,), grade=request.grade, source="",
        measured=len(request.posts), at_least=0, posts=request.posts, words=request.why, latest=now,
    )  # fmt: skip
    snapshot = weigh(context, signal, answered, (reported,))
    quoted = gathered(context, snapshot, None, now)
    with transaction(context.engine) as session:
        there = now_open(session, topic)
        if there is not None:
            raise Refused(f"话题「{context.topic_name(topic)}」已有未结事件 {there.id}，请在该事件中办理")
        return open_case(session, context, snapshot, quoted, now, report=request)


def _topic(context: CaseContext, named: str) -> str:
    """Finds the topic by its key or by the name that people read everywhere."""
    topics = context.topics.watched
    if named in topics:
        return named
    found = [key for key, one in topics.items() if one.name == named]
    if len(found) > 1:
        raise Refused(f"有 {len(found)} 个话题都叫「{named}」，请写其中一个的键：{'、'.join(found)}")
    if not found:
        known = "、".join(f"{key}（{one.name}）" for key, one in topics.items())
        raise Refused(f"topics.yml 中没有话题「{named}」；现有：{known}")
    return found[0]
