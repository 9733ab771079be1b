"""The demo's configuration: the shipped one with the people and topics of configs/example, on loopback."""

from pathlib import Path
from secrets import token_hex
from typing import Any

from yaml import safe_dump, safe_load

from scripts.demo.inbox import ADDRESS, AnswerBox
from scripts.demo.sentences import wording

SHIPPED = Path("configs")
SITE = "linjiang-bbs"
CONTACT = "demo@example.com"
MAILBOX = {"host": "127.0.0.1", "tls": "none", "made_up": True, "timeout": "10s", "accept_timeout": "10s"}
CONSOLE = {"address": "http://127.0.0.1:8420", "administrators": ["he_jun"]}  # `make console`; letters link there
INBOX = {"address": ADDRESS, "host": "127.0.0.1", "tls": "none", "username": "wenfeng", "timeout": "10s"}
FORUM = {
    "site": SITE,
    "name": "临江论坛",
    "software": "discuz",
    "basis": "the demo's own forum on loopback",
    "cron": "0 */8 * * *",  # the script asks much oftener by day; by night nothing is missed that counts as silence
    "delay": "0ms",
    "private": True,
}


OPERATORS = {
    "people": {"he_jun": {"name": "何军", "email": "he.jun@example.com"}},
    "desks": {"operators": {"name": "信息运维班", "people": ["he_jun"]}},
    # The disk is the one of whoever runs the demo; and rounds of such uneven lengths read unevenly.
    "incidents": {"disk_free": 0.000001, "thin": 0},
}


def write_configs(folder: Path, *, var: Path, forum: str, smtp_port: int, inbox: AnswerBox) -> None:
    """Writes stream, crawlers, nlp, topics and alerts .yml into `folder`."""
    folder.mkdir(parents=True)
    password = _secret(var / "inbox.password", inbox.password)
    slots = wording("slots")
    overlays: dict[str, dict[str, Any]] = {
        "stream": {"var": str(var)},
        "nlp": {},
        "example/topics": {"aliases": {"区域": [*slots["place"], *slots["road"]]}},
        "example/alerts": {
            "smtp": MAILBOX | {"port": smtp_port},
            "folder": str(var / "second-channel"),
            "inbox": INBOX | {"port": inbox.port, "password_file": str(password)},
            "console": CONSOLE,
        }
        | OPERATORS,
    }
    for name, overlay in overlays.items():
        shipped = safe_load((SHIPPED / f"{name}.yml").read_text("utf-8"))
        _write(folder / f"{Path(name).name}.yml", _laid_over(shipped, overlay))
    key = _secret(var / "voice.key", token_hex(32))
    crawlers = {"contact": CONTACT, "voice_key_file": str(key), "sources": {"linjiang": FORUM | {"url": forum}}}
    _write(folder / "crawlers.yml", crawlers)


def _secret(path: Path, words: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(words)
    return path


def _laid_over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: _laid_over(below.get(key), value) for key, value in above.items()}


def _write(path: Path, content: Any) -> None:
    path.write_text(safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
