"""The command line: one module for each command, and no maths."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; turn what goes wrong into one line and an exit code.

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

        return run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:  # also while the imports are still under way
        print("glassnet: stopped", file=sys.stderr)  # noqa: T201 (nothing else is loaded yet)
        return 130
