"""Command-line interface: one module per command; no numerical code."""

import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; report an error in one line and through the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        Exit status: 0 for success, 1 for a failure, 2 for a usage error, 130 after Ctrl-C.
    """
    try:
        from glassnet.cli.app import run

        if arguments is not None:
            return run(list(arguments))
        code = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the shutdown is left
    except KeyboardInterrupt:  # also during the imports
        print("glassnet: stopped", file=sys.stderr)  # noqa: T201 (Rich may not be loaded yet)
        return 130
    return code
