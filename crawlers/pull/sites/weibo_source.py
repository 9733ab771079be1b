"""How a Weibo account is described in crawlers.yml."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationInfo, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from crawlers.source import PulledSource, WebAddress
from stream.process.configuration import STRICT, header_secret, resolve_secrets

API = "https://api.weibo.com/2/"
Account = Annotated[str, StringConstraints(pattern=r"^\d{4,20}$")]


def _given(token: SecretStr) -> SecretStr:
    if not token.get_secret_value():
        raise PydanticCustomError("secret", "missing: write token_file: PATH or token_env: WENFENG_…")
    header_secret(token)
    return token


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WeiboSource(PulledSource):
    """The organisation's own account, read by the open platform's API with the organisation's own access token.

    The token comes from `token_file` or `token_env`. `account` is the account's number, in quotes. `pages` of 100
    statuses are followed back, `comments` are read under at most so many statuses in one crawl (0: none), and of at
    most so many `long_texts`, which lists show cut, the whole is asked for (0: never). `url` is where the API is.
    """

    software: Literal["weibo"] = "weibo"
    url: WebAddress = API
    account: Annotated[Account, Field(description="the number of the account, in quotes")]
    token: Annotated[SecretStr, AfterValidator(_given)] = SecretStr("")
    pages: Annotated[int, Field(ge=1, le=50)] = 5
    comments: Annotated[int, Field(ge=0, le=500)] = 30
    long_texts: Annotated[int, Field(ge=0, le=500)] = 30

    @model_validator(mode="before")
    @classmethod
    def _secrets(cls, raw: Any, info: ValidationInfo) -> Any:
        return resolve_secrets(raw, ("token",), info.context or {})

    @model_validator(mode="after")
    def _folder(self) -> "WeiboSource":
        if not self.url.endswith("/"):
            raise ValueError(f"url is the folder of the API's calls, and ends with a slash, as {API} does")
        return self
