"""How a Mastodon server's timelines are described in crawlers.yml."""

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from crawlers.source import PulledSource
from stream.process.configuration import STRICT, header_secret, resolve_secrets

Handle = Annotated[str, StringConstraints(pattern=r"^[\w.-]+(@[\w.-]+)?$")]
Hashtag = Annotated[str, StringConstraints(pattern=r"^\w+$")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MastodonSource(PulledSource):
    """Timelines of a server that speaks Mastodon's API; `url` is the server, as in https://mastodon.social/.

    `accounts` are written as `name` or `name@elsewhere.org`, `hashtags` without the #. `pages` of 40 statuses are
    followed back, and at most `revisits` older statuses are looked at again in one crawl. Servers that show nothing to
    guests need a token of the organisation's own account: `token_file` or `token_env`.
    """

    software: Literal["mastodon"] = "mastodon"
    accounts: tuple[Handle, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()
    token: SecretStr | None = None
    pages: Annotated[int, Field(ge=1, le=500)] = 10
    revisits: Annotated[int, Field(ge=0, le=1000)] = 40

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("token",), info.context or {})

    @model_validator(mode="after")
    def _something(self) -> "MastodonSource":
        if not self.accounts and not self.hashtags:
            raise ValueError("write accounts: or hashtags:, or there is nothing to read")
        header_secret(self.token)
        return self
