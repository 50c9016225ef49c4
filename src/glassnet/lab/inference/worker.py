"""Worker: a process that classifies drawings and pictures, one after the other.

The server starts it as ``python -m glassnet.lab.inference.worker [RUN|MODEL]`` and is its parent.
A message, either way, is its length in four bytes and a pickle.
"""

import gc
import pickle
import signal
import struct
import sys
from typing import Any, BinaryIO

from glassnet.errors import DataError, GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.reading import read

LENGTH = struct.Struct("!I")


def encode(message: Any) -> bytes:
    """Return a message as bytes."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(content)) + content


def answer(requests: BinaryIO, answers: BinaryIO, catalog: Catalog) -> None:
    """Answer each request, a network's name and a task, until the server closes the pipe."""
    while header := requests.read(LENGTH.size):
        network, task = pickle.loads(requests.read(*LENGTH.unpack(header)))  # noqa: S301 (parent)
        result: bytes | GlassnetError
        try:
            result = read(catalog.model(network), task)
        except GlassnetError as error:
            result = error
        except MemoryError:
            result = DataError("picture: there is not enough memory to read it")
        answers.write(encode(result))
        answers.flush()


def main() -> None:
    """Prepare the process and answer requests."""
    import cv2
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which closes the pipe
    cv2.setNumThreads(1)  # there is a process for each core
    catalog = Catalog(*sys.argv[1:2])
    catalog.warm_up_reading()
    gc.freeze()  # a full collection of all that was imported would delay an answer
    with threadpool_limits(1):
        answer(sys.stdin.buffer, sys.stdout.buffer, catalog)


if __name__ == "__main__":
    main()
