"""How a WordPress site is described in crawlers.yml."""

from typing import Literal

from pydantic.dataclasses import dataclass

from crawlers.source import PulledSource
from stream.process.configuration import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordPressSource(PulledSource):
    """A site, by its REST interface; `url` is its home. `comments: false` where there are none or they are closed."""

    software: Literal["wordpress"] = "wordpress"
    comments: bool = True
