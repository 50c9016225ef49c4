"""Server: binds a port, opens the page, and serves it until Ctrl-C."""

import gc
import os
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress

from glassnet.errors import ConfigError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.workers import Workers
from glassnet.lab.web.app import create_app
from glassnet.lab.web.limits import Limits
from glassnet.lab.web.middleware import LOCAL

PORTS = range(8710, 8730)  # tried in order by default


def serve(
    catalog: Catalog,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    browser: bool = True,
    limits: Limits | None = None,
    report: Callable[[str], None] = print,
) -> None:
    """Serve the Lab until it is interrupted.

    Parameters
    ----------
    catalog : Catalog
    host : str
        Address to listen on; unless it is local, a token is required.
    port : int, optional
        By default, the first free port of `PORTS`.
    browser : bool
        Whether to open the page in a browser.
    limits : Limits, optional
    report : callable
        Called with a line of text that contains the address.

    Raises
    ------
    ConfigError
        If the port is not available.
    """
    import uvicorn
    from threadpoolctl import threadpool_limits

    is_local = host in ("127.0.0.1", "localhost", "::1")
    token = None if is_local else secrets.token_urlsafe(16)
    bound = _bind(host, port)
    number = bound.getsockname()[1]
    workers = Workers(catalog, os.cpu_count() or 2)
    hosts = LOCAL if is_local else None
    app = create_app(catalog, limits, hosts=hosts, token=token, workers=workers)
    shown = "127.0.0.1" if host in ("0.0.0.0", "localhost") else host  # noqa: S104 - only shown
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{number}/"
    address += "" if token is None else f"?token={token}"
    threading.Thread(target=catalog.warm_up, daemon=True).start()
    report(f"The Lab is running at {address}  (press Ctrl-C to stop)")
    if browser:
        threading.Timer(0.3, webbrowser.open, [address]).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    # The thread of a run then releases the GIL within 0.5 ms; the default is 5 ms.
    sys.setswitchinterval(0.0005)
    gc.freeze()  # a full collection of all imported objects would delay responses
    # One BLAS thread for each of two runs; more would slow down the workers.
    with threadpool_limits(1), suppress(KeyboardInterrupt):  # the usual end
        uvicorn.Server(config).run([bound])


def _bind(host: str, port: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    error = OSError("no port is free")
    for number in PORTS if port is None else (port,):
        # asyncio sets TCP_NODELAY, for small responses, only if the protocol is given.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, number))
            bound.listen(128)  # connections wait until the server is ready
        except (OSError, OverflowError) as failure:
            bound.close()
            error = OSError(str(failure))
            continue
        return bound
    wanted = f"{PORTS[0]} to {PORTS[-1]}" if port is None else str(port)
    raise ConfigError(f"port: cannot listen on {host}, port {wanted} ({error}); try another --port")
