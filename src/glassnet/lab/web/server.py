"""Server: bind a port, open the page, and serve until Ctrl-C."""

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

PORTS = range(8710, 8730)  # tried in turn by default


def serve(
    catalog: Catalog,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    browser: bool = True,
    limits: Limits | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the Lab until it is interrupted.

    Parameters
    ----------
    catalog : Catalog
        Networks and images.
    host : str
        Address to listen on. Visitors of any but a local address must present a token.
    port : int, optional
        By default the first free one of `PORTS`.
    browser : bool
        Whether to open the page.
    limits : Limits, optional
        The share of the machine that visitors may use.
    say : callable
        Called with the address.

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
    say(f"The Lab is open at {address}  (Ctrl-C closes it)")
    if browser:
        threading.Timer(0.3, webbrowser.open, [address]).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    # A run's thread releases the GIL within half a millisecond; the default is five.
    sys.setswitchinterval(0.0005)
    gc.freeze()  # a full collection of all that was imported would delay answers
    # One thread for each of two runs; more would take them from the workers.
    with threadpool_limits(1), suppress(KeyboardInterrupt):  # the usual end
        uvicorn.Server(config).run([bound])


def _bind(host: str, port: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    error = OSError("no port is free")
    for number in PORTS if port is None else (port,):
        # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, number))
            bound.listen(128)  # connections wait until the server is ready
        except (OSError, OverflowError) as why:
            bound.close()
            error = OSError(str(why))
            continue
        return bound
    wanted = f"{PORTS[0]} to {PORTS[-1]}" if port is None else str(port)
    raise ConfigError(f"port: cannot listen at {host}, port {wanted} ({error}); try another --port")
