"""One look into a mailbox or a folder, whichever a source is: by a person's command or by the clock."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from crawlers.push.folder.source import FolderSource
from crawlers.push.folder.taking import take_folder
from crawlers.push.mailbox.source import MailboxSource
from crawlers.push.mailbox.taking import take_mailbox
from crawlers.source import PolledSource
from stream.log.broker import Producer
from stream.process.clock import Clock


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look brought, in words, and whether something lies there that could not be read."""

    told: str
    bad: bool = False


def look_into(
    name: str, source: PolledSource, *, producer: Producer, engine: Engine, voice_key: bytes, clock: Clock
) -> Looked:
    """Takes what lies in the place of a source. Raises as `take_mailbox` and `take_folder` do."""
    match source:
        case FolderSource():
            files = take_folder(name, source, producer=producer, engine=engine, voice_key=voice_key, clock=clock)
            told = f"{files.done} files, {files.sent} posts sent, {files.rejected} rows rejected, "
            told += f"{files.moving} files still growing{_why(files.failed, ', not read: ')}"
            return Looked(told, bool(files.failed))
        case MailboxSource():
            mails = take_mailbox(name, source, producer=producer, engine=engine, voice_key=voice_key, clock=clock)
            return Looked(f"{mails.read} mails, {mails.sent} sent{_why(mails.skipped, ', skipped: ')}")
        case _:
            raise TypeError(f"{type(source).__name__} is no place to look into")


def _why(counts: Mapping[str, int], words: str) -> str:
    return words + ", ".join(f"{count} × {reason}" for reason, count in counts.items()) if counts else ""
