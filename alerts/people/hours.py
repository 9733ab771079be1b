"""Hours of the day in Beijing: a span that may go over midnight, and the time in which somebody is left in peace."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from stream.process.clock import SHANGHAI
from stream.process.configuration import STRICT

Grave = Literal["red", "orange", "yellow", "blue"]


def _read_time(raw: Any) -> Any:
    if isinstance(raw, time):
        return raw
    if not isinstance(raw, str) or (found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", raw)) is None:
        raise ValueError('write a time of day between quotes, as in "22:00"')
    return time(int(found[1]), int(found[2]))


DayTime = Annotated[time, BeforeValidator(_read_time)]


def within(begins: time, ends: time, moment: datetime) -> bool:
    """Tells whether the moment lies in the span; one that ends before it begins goes over midnight."""
    local = moment.astimezone(SHANGHAI).time()
    return begins <= local < ends if begins < ends else local >= begins or local < ends


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Quiet:
    """When nobody is written to but for what is `not_for` waiting: `{from: "22:00", to: "07:00"}`. Red never waits."""

    begins: Annotated[DayTime, Field(alias="from")]
    ends: Annotated[DayTime, Field(alias="to")]
    not_for: tuple[Grave, ...] = ("red",)

    @model_validator(mode="after")
    def _some_time(self) -> "Quiet":
        if self.begins == self.ends:
            raise ValueError("quiet hours that end when they begin: give another `to`")
        return self

    def until(self, colour: str, moment: datetime) -> datetime | None:
        """Finds when a letter of this colour may go; None for at once."""
        if colour == "red" or colour in self.not_for or not within(self.begins, self.ends, moment):
            return None
        local = moment.astimezone(SHANGHAI)
        end = datetime.combine(local.date(), self.ends, SHANGHAI)
        return (end if end > local else end + timedelta(days=1)).astimezone(moment.tzinfo)
