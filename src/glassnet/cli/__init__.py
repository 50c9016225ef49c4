"""The command line: one module for each command, and no maths."""

import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; report an error in one line and by the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Instead of the process's own.

    Returns
    -------
    int
        0 when all went well, 1 for a failure, 2 for a mistake of the user's, 130 after Ctrl-C.
    """
    try:
        from glassnet.cli.app import run

        if arguments is not None:
            return run(list(arguments))
        code = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done; nothing is left to interrupt
    except KeyboardInterrupt:  # also while the imports are still under way
        print("glassnet: stopped", file=sys.stderr)  # noqa: T201 (nothing else is loaded yet)
        return 130
    return code
