"""Dovecot, Debian's: a real IMAP server, of which every user name is a mailbox of its own and opens by one password."""

import grp
import os
import pwd
from imaplib import IMAP4
from pathlib import Path
from shutil import which

from scripts.engines.certificates import certify
from scripts.engines.process import GUEST, Broken, Server, ports_of

PASSWORD = "known-to-everybody"  # on the loopback alone
_SETTINGS = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_username_chars =
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/private.pem
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {guarded}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


def start(folder: Path) -> str:
    """Starts what Debian installed; returns its address: without TLS, as the loopback allows."""
    program = which("dovecot", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if program is None:
        raise Broken("no dovecot is found: install one (Debian: apt install dovecot-imapd)")
    port, secure = ports_of(folder, 2)
    user = GUEST if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    group = "nogroup" if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name
    if not (folder / "cert.pem").exists():
        certify(folder)
    for name in ("run", "mail"):
        (folder / name).mkdir(exist_ok=True)
    places = {"folder": folder, "port": port, "guarded": secure, "user": user, "group": group, "password": PASSWORD}
    (folder / "dovecot.conf").write_text(_SETTINGS.format(**places), "utf-8")
    Server(folder).start([program, "-F", "-c", str(folder / "dovecot.conf")], lambda: _answers(port))
    return f"imap://127.0.0.1:{port}"


def guarded(folder: Path) -> tuple[int, Path]:
    """Where the same server speaks TLS from the first byte, and whom to trust for it."""
    return ports_of(folder, 2)[1], folder / "cert.pem"


def _answers(port: int) -> bool:
    try:
        IMAP4("127.0.0.1", port, timeout=3).logout()
    except (OSError, IMAP4.error):
        return False
    return True
