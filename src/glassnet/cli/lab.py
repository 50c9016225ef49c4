"""``glassnet lab``: start the web server of the Lab."""

from typing import Annotated

import typer

from glassnet.cli.console import text_console
from glassnet.cli.options import QuietOption
from glassnet.errors import MissingExtraError


def lab(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|MODEL]",
            help="A run's folder or a model file to show first.  [default: a small network]",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65_535, help="Port to listen on.  [default: the first free one from 8710]"
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; 0.0.0.0 means all addresses and requires a token."
        ),
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    quiet: QuietOption = False,
) -> int:
    """Open the Lab: a web page for drawing, tracing, training and diagnosing.

    It works offline, and only this machine can reach it unless --host is given.
    """
    try:
        from glassnet.lab.web.server import serve
    except ImportError as error:
        raise MissingExtraError(
            f"lab: needs a web server, got none ({error.name} is not installed): "
            "pip install 'glassnet[lab]'"
        ) from None
    from glassnet.lab.catalog import Catalog

    console = text_console(quiet=quiet, as_json=False)
    serve(
        Catalog(model),
        host=host,
        port=port,
        browser=browser,
        report=lambda line: console.print(line, markup=False, soft_wrap=True),
    )
    return 0
