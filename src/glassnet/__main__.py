"""Entry point of ``python -m glassnet``."""

import sys

from glassnet.cli import main

if __name__ == "__main__":
    sys.exit(main())
