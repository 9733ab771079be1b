"""Notices as files in a folder: the second channel, and the mailbox of the demo."""

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from alerts.notify.channel import Form, Medium, Unreachable
from stream.process.configuration import STRICT

ENDINGS = {Medium.MAIL: "eml", Medium.TEXT: "txt", Medium.MARKDOWN: "md"}


@checked(frozen=True, kw_only=True, config=STRICT)
class FolderConfig:
    """Where the files go and what is in them; `limit` is in characters, and for text and markdown only."""

    path: Path
    medium: Medium = Medium.MAIL
    limit: Annotated[int, Field(ge=500)] = 4_000

    @property
    def form(self) -> Form:
        return Form(self.medium, self.limit)


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """One file per notice and recipient, named by its Message-ID: a second copy of a notice replaces the first."""

    config: FolderConfig
    name: str = "folder"
    longest: timedelta = timedelta(minutes=1)

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Writes a file, durable on return. A folder that cannot be written is `Unreachable`: people can mend that."""
        path = self.config.path / f"{_stem(recipient, message_id)}.{ENDINGS[self.config.medium]}"
        part = path.with_suffix(".part")
        try:
            self.config.path.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise Unreachable(f"{path}: {error.strerror}") from error
        return f"stored {path.name}"


def _stem(recipient: str, message_id: str) -> str:
    local = message_id.strip("<>").split("@")[0]
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in local)
    return f"{safe}.{hashlib.sha256(recipient.encode()).hexdigest()[:8]}"
