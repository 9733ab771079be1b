"""How a folder into which files are put is described in crawlers.yml."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from crawlers.push.file_source import FileSource
from crawlers.source import PolledSource
from stream.process.configuration import STRICT, Duration


def _of_its_own(path: Path) -> Path:
    if path in (Path("."), Path("/")):
        raise ValueError("write a folder of its own, as in var/drop/hotline: what is taken is moved within it")
    return path


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FolderSource(PolledSource, FileSource):
    """A folder of files as `software: file` takes them, one by one, each once nothing changed in it for `still`.

    What was taken is moved to `done/` in it, what could not be read to `failed/`, with the report beside.
    """

    software: Literal["folder"] = "folder"  # type: ignore[assignment]  # told apart by it, and read as files are
    path: Annotated[Path, AfterValidator(_of_its_own), Field(description="the folder into which files are put")]
    still: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(minutes=5))] = timedelta(seconds=5)
    internal: bool = True

    @property
    def place(self) -> str:
        """The folder, in one spelling."""
        return str(self.path.resolve())
