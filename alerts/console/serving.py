"""The console's process: its application served until a signal ends it."""

import uvicorn
from starlette.types import ASGIApp

from alerts.notify.console import ConsoleConfig

PATIENCE = 10  # seconds that requests have to be answered once the process is to end


def serve(app: ASGIApp, console: ConsoleConfig) -> None:
    """Answers at the address that the configuration says. Who a proxy speaks for is found out by us, not by headers."""
    host, port = console.bind
    uvicorn.run(
        app, host=host, port=port, log_config=None, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=PATIENCE,
    )  # fmt: skip
