"""NodeBB from the npm registry on a Redis, in a folder of its own; what npm fetched is kept for the next run."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from shutil import copytree, which

from scripts.engines.process import Broken, Server, as_guest, free_ports, give_to_guest
from scripts.live.front import fronting
from scripts.live.shapes import as_markdown
from scripts.live.site import NotToBeHad, Site, answers, folder_of

VERSION = "1.4.0"  # of 2016, the newest that the registry has; those after it are handed out as a repository only
_SCRIPT = Path(__file__).parent / "software" / "nodebb.js"
_FETCHES = "nodebb-plugin-emoji-one"  # downloads pictures when it first starts, and ends the forum where it cannot


@contextmanager
def nodebb(home: Path, kept: Path) -> Iterator[Site]:
    """Sets up a NodeBB under `home` that holds nothing yet, and ends its servers afterwards."""
    modules = fetched(kept)
    database, forum = folder_of(home, "redis"), home / "nodebb"
    copytree(modules / "nodebb", forum)
    (forum / "node_modules").symlink_to(modules)
    (forum / "public" / "uploads" / "sounds").mkdir(parents=True, exist_ok=True)  # a package holds no empty folder
    own, port, store = free_ports(3)
    url = f"http://127.0.0.1:{own}/"
    node = which("node") or "node"
    with ExitStack() as stack:
        stack.callback(Server(database).stop)
        words = ["--port", str(store), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        words += ["--set-proc-title", "no", "--dir", str(database)]
        Server(database).start(["redis-server", *words], lambda: _listens(store))
        give_to_guest(forum)
        _set_up(forum, node, url, store)
        script = home / _SCRIPT.name
        script.write_bytes(_SCRIPT.read_bytes())
        made = Site(
            name="nodebb",
            url=url,
            front=stack.enter_context(fronting(own, port)),
            command=(*as_guest(), node, str(script), str(forum)),
            markup=as_markdown,
            opening="pid",
            reply="pid",
            answers_opening=True,
            known={},
        )
        made.do(({"do": "purge", "key": "first"},), known={"topic:first": 1}, plugin_off=_FETCHES)
        stack.callback(Server(forum).stop)
        Server(forum).start(
            [node, str(forum / "app.js")],
            lambda: answers(f"http://127.0.0.1:{port}/api/categories"),
            environ={"port": str(port), "bind_address": "127.0.0.1"},
        )
        made.front.asked.clear()
        yield made


def fetched(kept: Path) -> Path:
    """Fetches NodeBB by npm into `kept`, unless it lies there; no script of any package is run. Returns its modules."""
    modules = kept / "node_modules"
    if not (kept / f"nodebb-{VERSION}").exists():
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run([*command, f"nodebb@{VERSION}"], cwd=kept, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotToBeHad(f"npm cannot fetch nodebb@{VERSION}: {done.stderr.strip()[:300]}")
        (kept / f"nodebb-{VERSION}").touch()
    return modules


def _set_up(forum: Path, node: str, url: str, store: int) -> None:
    password = token_hex(12)
    told = {"url": url.rstrip("/"), "secret": token_hex(16), "database": "redis", "redis:host": "127.0.0.1"}
    told |= {"redis:port": str(store), "redis:password": "", "redis:database": "0"}
    admin = {"username": "moderator", "password": password, "password:confirm": password, "email": "a@example.invalid"}
    told |= {f"admin:{name}": value for name, value in admin.items()}
    command = [*as_guest(), node, str(forum / "app.js"), f"--setup={json.dumps(told)}"]
    done = subprocess.run(command, cwd=forum, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode or "Setup Completed" not in done.stdout:
        raise Broken(f"NodeBB's set-up ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
