"""Debian's WordPress on a MariaDB and PHP's own web server, in a folder of its own."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scripts.engines.process import Server, as_guest, free_ports, give_to_guest
from scripts.live.front import fronting
from scripts.live.shapes import as_html
from scripts.live.site import Site, answers, folder_of

_DEBIAN = Path("/usr/share/wordpress")
_THEMES = Path("/var/lib/wordpress/wp-content/themes")
_SCRIPT = Path(__file__).parent / "software" / "wordpress.php"
_CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {{
    define('ABSPATH', __DIR__ . '/');
}}
require_once ABSPATH . 'wp-settings.php';
"""
_ROUTER = """<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(__DIR__ . $path)) {
    return false;
}
if ($path !== '/' && !%s) {
    http_response_code(404);
    return true;
}
require __DIR__ . '/index.php';
"""
_SERVER = "/usr/sbin/mariadbd"  # not on the path of everybody
_PRETTY = "/%year%/%monthnum%/%postname%/"


@contextmanager
def wordpress(home: Path, *, rewritten: bool = True) -> Iterator[Site]:
    """Sets up a WordPress under `home` that holds nothing yet, and ends its servers afterwards.

    Where addresses are not `rewritten`, as on a server that cannot, everything is a query of its index.
    """
    database, site = folder_of(home, "mariadb"), folder_of(home, "wordpress")
    own, port = free_ports(2)
    url, where = f"http://127.0.0.1:{own}/", str(database / "socket")
    with ExitStack() as stack:
        _start_database(database, where, stack)
        _lay(site, where, rewritten=rewritten)
        stack.callback(Server(site).stop)
        words = ["-d", "display_errors=0", "-S", f"127.0.0.1:{port}", "-t", str(site), str(site / "router.php")]
        script = site.parent / _SCRIPT.name
        script.write_bytes(_SCRIPT.read_bytes())
        made = Site(
            name="wordpress" if rewritten else "wordpress-plain",
            url=url,
            front=stack.enter_context(fronting(own, port)),
            command=(*as_guest(), "php", str(script), str(site), url),
            markup=as_html,
            opening="post",
            reply="comment",
            answers_opening=False,
            known={},
        )
        give_to_guest(site)
        made.do((), install={"database": f"localhost:{where}", "permalinks": _PRETTY if rewritten else ""})
        Server(site).start(["php", *words], lambda: answers(f"http://127.0.0.1:{port}/?rest_route=/"))
        made.front.asked.clear()
        yield made


def _start_database(folder: Path, where: str, stack: ExitStack) -> None:
    data = folder / "data"
    give_to_guest(folder)
    made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*as_guest(), *made, "--skip-test-db"], check=True, capture_output=True, cwd=folder)
    stack.callback(Server(folder).stop)
    words = [f"--datadir={data}", f"--socket={where}", "--skip-networking", "--innodb-flush-log-at-trx-commit=0"]
    words += ["--innodb-buffer-pool-size=64M", f"--pid-file={folder / 'mariadbd.pid'}"]
    Server(folder).start([_SERVER, "--no-defaults", *words], lambda: _listens(where))


def _lay(site: Path, where: str, *, rewritten: bool) -> None:
    """Lays out WordPress's folder: its files are Debian's, its configuration is ours."""
    for path in _DEBIAN.iterdir():
        if path.name in ("wp-admin", "wp-includes"):
            (site / path.name).symlink_to(path)
        elif path.is_file() and path.suffix == ".php" and path.name != "wp-config.php":
            (site / path.name).write_bytes(path.read_bytes())
    (site / "wp-content").mkdir()
    (site / "wp-content" / "themes").symlink_to(_THEMES)
    (site / "wp-config.php").write_text(_CONFIG.format(socket=where))
    (site / "router.php").write_text(_ROUTER % str(rewritten).lower())


def _listens(where: str) -> bool:
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(where) == 0
