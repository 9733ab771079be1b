"""A soak's configuration: the shipped one with configs/example, its own folder, engines, mailbox and file sources."""

from pathlib import Path
from secrets import token_hex
from typing import Any

from yaml import safe_dump, safe_load

SHIPPED = Path("configs")
FLOOD, PROBE, PLANTED = "flood", "probe", "planted"
TOPIC = "rumour"  # of topics.yml: what the planted posts are about
_COLUMNS = {"text": "text", "id": "id", "published_at": "at", "author": "author", "thread": "thread"}


def write_configs(folder: Path, *, var: Path, engines: dict[str, str], smtp_port: int) -> None:
    """Writes every configuration file into `folder`."""
    folder.mkdir(parents=True)
    smtp = {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "made_up": True}
    overlays: dict[str, dict[str, Any]] = {
        "stream": {"var": str(var), **engines},
        "nlp": {},
        "example/topics": {},
        "example/alerts": {"smtp": smtp, "folder": str(var / "second-channel")},
    }
    for name, overlay in overlays.items():
        shipped = safe_load((SHIPPED / f"{name}.yml").read_text("utf-8"))
        _write(folder / f"{Path(name).name}.yml", shipped | overlay)
    key = var / "voice.key"
    key.touch(mode=0o600)
    key.write_text(token_hex(32))
    sources = {
        name: {"site": f"soak-{name}", "software": "file", "basis": "made up for the soak", "columns": _COLUMNS}
        for name in (FLOOD, PROBE, PLANTED)
    }
    _write(folder / "crawlers.yml", {"contact": "soak@example.com", "voice_key_file": str(key), "sources": sources})


def _write(path: Path, content: Any) -> None:
    path.write_text(safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
