"""How tables that are handed in as files are described in crawlers.yml."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crawlers.push.columns import Columns
from crawlers.source import PushedSource
from stream.messages import Kind
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FileSource(PushedSource):
    """CSV, JSONL or XLSX by a column map; `kind` is what a row is where it does not say so itself."""

    software: Literal["file"] = "file"
    columns: Annotated[Columns, Field(description="which column holds what, at least the text: {text: 正文}")]
    kind: Kind = Kind.STATUS
