import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE

import pytest

from scripts.engines.process import Broken, Server, give_to_guest, ports_of

SERVING = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nwhile True: s.accept()[0].close()"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where another user may go too: root hands its servers to one."""
    for parent in (tmp_path, *tmp_path.parents[:3]):
        if parent.stat().st_uid == os.geteuid() and parent != Path(parent.anchor):
            parent.chmod(S_IMODE(parent.stat().st_mode) | 0o111)
    return tmp_path


def answering(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    return answers


def test_a_server_is_started_once_found_again_and_ended(folder: Path) -> None:
    (port,) = ports_of(folder, 1)
    server, command = Server(folder), ["/usr/bin/env", "python3", "-c", SERVING, str(port), str(folder)]
    server.start(command, answering(port))
    pid = server.pid()
    assert pid is not None
    Server(folder).start(command, answering(port))
    assert Server(folder).pid() == pid
    assert server.stop()
    assert not answering(port)()
    assert server.pid() is None
    assert not server.stop()
    assert ports_of(folder, 1) == [port]


def test_a_server_that_ends_at_once_is_told_with_its_last_words(folder: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Broken, match="no such setting"):
        Server(folder).start(["/bin/sh", "-c", "echo no such setting; exit 3"], lambda: False)
    assert time.monotonic() - began < 10


def test_a_number_that_another_process_took_over_is_not_ours(folder: Path) -> None:
    (folder / "pid").write_text(str(os.getpid()))
    assert Server(folder).pid() is None
    assert not Server(folder).stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands servers to another user")
def test_a_folder_the_other_user_cannot_reach_is_refused_with_the_remedy(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "engine").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(Broken, match=f"chmod o\\+x {closed}"):
        give_to_guest(closed / "engine")
