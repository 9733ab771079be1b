"""The demo's configuration: the shipped one with the people and topics of configs/example, on loopback."""

from pathlib import Path
from secrets import token_hex
from typing import Any

from yaml import safe_dump, safe_load

from scripts.demo.sentences import wording

SHIPPED = Path("configs")
SITE = "linjiang-bbs"
CONTACT = "demo@example.com"
MAILBOX = {"host": "127.0.0.1", "tls": "none", "made_up": True, "timeout": "10s", "accept_timeout": "10s"}
FORUM = {
    "site": SITE,
    "software": "discuz",
    "basis": "the demo's own forum on loopback",
    "cron": "0 */8 * * *",  # the script asks much oftener by day; by night nothing is missed that counts as silence
    "delay": "0ms",
    "private": True,
}


def write_configs(folder: Path, *, var: Path, forum: str, smtp_port: int) -> None:
    """Writes stream, crawlers, nlp, topics and alerts .yml into `folder`."""
    folder.mkdir(parents=True)
    slots = wording("slots")
    overlays: dict[str, dict[str, Any]] = {
        "stream": {"var": str(var)},
        "nlp": {},
        "example/topics": {"aliases": {"区域": [*slots["place"], *slots["road"]]}},
        "example/alerts": {
            "smtp": MAILBOX | {"port": smtp_port},
            "folder": str(var / "second-channel"),
        },
    }
    for name, overlay in overlays.items():
        shipped = safe_load((SHIPPED / f"{name}.yml").read_text("utf-8"))
        _write(folder / f"{Path(name).name}.yml", _laid_over(shipped, overlay))
    key = var / "voice.key"
    key.touch(mode=0o600)
    key.write_text(token_hex(32))
    crawlers = {"contact": CONTACT, "voice_key_file": str(key), "sources": {"linjiang": FORUM | {"url": forum}}}
    _write(folder / "crawlers.yml", crawlers)


def _laid_over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: _laid_over(below.get(key), value) for key, value in above.items()}


def _write(path: Path, content: Any) -> None:
    path.write_text(safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
