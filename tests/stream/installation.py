"""An embedded installation in a folder of its own, and what an operator does with it at a terminal."""

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from stream.cli.commands import main
from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.codec import SCORED as POSTS
from stream.config import StreamConfig, read_stream
from stream.engines import apply_topics, open_index_reader, open_index_writer, open_producer
from stream.index.port import Query
from stream.log.broker import CASES, HEALTH, SCORED, Message
from stream.messages import CaseEvent, ScoredPost, StageHealth
from stream.process.clock import Clock, SystemClock

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Embedded:
    """Everything lies under `folder`; stream.yml says where, and whatever a test adds to it."""

    folder: Path

    def write(self, *lines: str) -> None:
        """Writes stream.yml anew."""
        text = "\n".join((f"var: {self.folder / 'var'}", *lines))
        (self.folder / "stream.yml").write_text(text, "utf-8")

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def config(self) -> StreamConfig:
        return read_stream(self.folder)

    def run(self, *words: str) -> Result:
        """The command as typed; what is no answer for an operator is raised here."""
        return CliRunner().invoke(main, [*words, "--configs", str(self.folder)], catch_exceptions=False)

    def tell(self, *messages: Message, clock: Clock | None = None) -> None:
        """Messages into the log, as at the clock's time."""
        apply_topics(self.config)
        with closing(open_producer(self.config, clock or SystemClock())) as producer:
            producer.publish(messages)

    def publish(self, *posts: ScoredPost, clock: Clock | None = None) -> None:
        self.tell(*(Message(SCORED, post.thread_id, POSTS.encode(post)) for post in posts), clock=clock)

    def happen(self, *events: CaseEvent) -> None:
        self.tell(*(Message(CASES, str(event.case_id), CASE_EVENTS.encode(event)) for event in events))

    def beat(self, *health: StageHealth) -> None:
        self.tell(*(Message(HEALTH, one.stage, STAGE_HEALTH.encode(one)) for one in health))

    def put(self, *posts: ScoredPost) -> None:
        """Posts into the index, past the log."""
        with closing(open_index_writer(self.config)) as writer:
            writer.put(posts)

    def held(self) -> list[ScoredPost]:
        """The index's posts."""
        with closing(open_index_reader(self.config)) as reader:
            return list(reader.export(Query()))


def embedded(folder: Path) -> Embedded:
    """A new one, with nothing in it but stream.yml."""
    place = Embedded(folder)
    place.write()
    return place
