"""Which letters there are to be tried, and where they go."""

from collections.abc import Sequence
from datetime import datetime

from alerts.config import AlertsConfig
from alerts.desk.exercise.bulletins import KINDS, exercise_bulletin
from alerts.desk.exercise.notices import SCENES, exercise_notice
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Occasion
from alerts.notify.routing import Route
from alerts.people.directory import find_person
from alerts.workflow.cases import Refused

ALL = (*(str(one) for one in SCENES), *KINDS)


def exercise_letters(config: AlertsConfig, named: Sequence[str], person: str, now: datetime) -> list[Letter]:
    """Makes up a letter of each kind `named`, in the order of `ALL`; of every kind where none is."""
    return [
        exercise_bulletin(config, one, person, now)
        if one in KINDS
        else exercise_notice(config, Occasion(one), person, now)
        for one in ALL
        if not named or one in named
    ]


def recipient(config: AlertsConfig, to: str) -> tuple[str, tuple[Route, ...]]:
    """Finds whom `to` means, by key, name or address, and by what routes; `Refused` where there is none."""
    person = find_person(config.people, to)
    if person is not None:
        key = next(one for one, known in config.people.items() if known is person)
        return person.name, config.routing.routes(key)
    routes = config.routing.mail_routes(to) if "@" in to else ()
    if not routes:
        raise Refused(f"alerts.yml 的 people 中没有「{to}」；也可写一个邮箱地址（需已配置邮件渠道）")
    return to.partition("@")[0], routes
