"""Pages as HTML: templates, what every one of them may say, and the words of times."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.console.door import Call, Shown, Visit, address
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.phrases import local
from alerts.words import ACTION_NAMES, ORDER_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from stream.process.clock import local_time

HERE = Path(__file__).parent
STATIC = HERE / "static"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: The pages at the head of every page: path, name, whether for administrators alone.
PLACES = (
    ("/", "今日", False),
    ("/cases", "事件", False),
    ("/screening", "研判", False),
    ("/search", "检索", False),
    ("/sources", "来源", False),
    ("/system", "系统", False),
)


def render(shown: Shown, call: Call, form_token: str) -> str:
    """Writes the page as HTML for whoever called."""
    prefix = call.premises.console.prefix

    def url(path: str, **query: object) -> str:
        return prefix + address(path, **query)

    facts: Mapping[str, object] = {
        "call": call,
        "visit": call if isinstance(call, Visit) else None,
        "told": call.told if isinstance(call, Visit) else "",
        "now": call.now,
        "organisation": call.premises.context.config.organisation,
        "form_token": form_token,
        "url": url,
        "static": lambda name: f"{prefix}/static/{name}?v={_fingerprint(name)}",
        "places": PLACES,
    }
    return environment().get_template(shown.template).render({**facts, **shown.facts})


@cache
def environment() -> Environment:
    """Builds the templates' environment: everything is escaped, and a name that is not there is a mistake."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"local": local, "clock": clock, "until": until, "ago": ago, "iso": iso, "day": day}
    made.globals |= {
        "GRADES": {str(key): name for key, name in GRADE_NAMES.items()}, "STAGES": STAGE_NAMES, "STEPS": STEP_NAMES,
        "ACTIONS": ACTION_NAMES, "ORDERS": ORDER_NAMES,
        "VERDICTS": {str(key): name for key, name in VERDICT_NAMES.items()},
    }  # fmt: skip
    return made


def clock(moment: datetime) -> str:
    """Writes the time of day in Beijing."""
    return local_time(moment, "%H:%M")


def day(moment: datetime) -> str:
    """Writes the day in Beijing."""
    return local_time(moment, "%Y-%m-%d")


def iso(moment: datetime) -> str:
    """Writes a moment for a program that reads the page."""
    return moment.isoformat()


def until(moment: datetime, now: datetime) -> str:
    """Says how long there is until a limit, or since when it is over."""
    return f"还剩 {length(moment - now)}" if moment >= now else f"已超时 {length(now - moment)}"


def ago(moment: datetime, now: datetime) -> str:
    """Says how long ago something was."""
    return "刚刚" if now - moment < MINUTE else f"{length(now - moment)}前"


def length(span: timedelta) -> str:
    """Writes a length of time in its two largest units."""
    minutes = int(span / MINUTE)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    return f"{rest} 分钟"


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
