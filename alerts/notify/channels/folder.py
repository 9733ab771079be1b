"""Letters as .eml files in a folder: the second channel, and the mailbox of the demo."""

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from alerts.notify.channel import Unreachable


@dataclass(frozen=True, slots=True)
class FileChannel:
    """One file per letter and recipient, named by its Message-ID: a second copy of a letter replaces the first."""

    folder: Path
    name: str = "file"
    longest: timedelta = timedelta(minutes=1)

    def send(self, recipient: str, message: bytes) -> str:
        """Durable on return. A folder that cannot be written is `Unreachable`: people can mend that."""
        path = self.folder / f"{_name(recipient, message)}.eml"
        part = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise Unreachable(f"{path}: {error.strerror}") from error
        return f"stored {path.name}"


def _name(recipient: str, message: bytes) -> str:
    told = BytesHeaderParser(policy=default).parsebytes(message)["Message-ID"]
    local = str(told or hashlib.sha256(message).hexdigest()[:16]).strip("<>").split("@")[0]
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in local)
    return f"{safe}.{hashlib.sha256(recipient.encode()).hexdigest()[:8]}"
