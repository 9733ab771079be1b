"""How tables that are handed in as files are described in crawlers.yml."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crawlers.push.columns import Columns
from crawlers.source import Encoding, PushedSource
from stream.messages import Kind
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FileSource(PushedSource):
    """CSV, JSONL or XLSX by a column map; `kind` is what a row is where it does not say so itself.

    Without `columns` they are guessed from each file's header, and told. `encoding` is for CSV and JSON lines that are
    no UTF-8, where their bytes alone would be read wrongly.
    """

    software: Literal["file"] = "file"
    columns: Annotated[Columns | None, Field(description="which column holds what: {text: 正文}")] = None
    kind: Kind = Kind.STATUS
    encoding: Encoding | None = None
