"""Worker: a process that classifies drawings and pictures one at a time.

The server starts it as ``python -m glassnet.lab.inference.worker [RUN|MODEL]`` and is its parent.
A message in either direction is a pickle, preceded by its length in four bytes.
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
    """Encode a message as bytes."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(content)) + content


def process_requests(requests: BinaryIO, responses: BinaryIO, catalog: Catalog) -> None:
    """Process requests, each with a network name and a task, until the server closes the pipe."""
    while header := requests.read(LENGTH.size):
        network, task = pickle.loads(requests.read(*LENGTH.unpack(header)))  # noqa: S301 (parent)
        result: bytes | GlassnetError
        try:
            result = read(catalog.model(network), task)
        except GlassnetError as error:
            result = error
        except MemoryError:
            result = DataError("picture: not enough memory to read it")
        responses.write(encode(result))
        responses.flush()


def main() -> None:
    """Set up the worker, then process requests."""
    import cv2
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server handles Ctrl-C and closes the pipe
    cv2.setNumThreads(1)  # there is one process per core
    catalog = Catalog(*sys.argv[1:2])
    catalog.warm_up_reading()
    gc.freeze()  # a full collection of all imported objects would delay a response
    with threadpool_limits(1):
        process_requests(sys.stdin.buffer, sys.stdout.buffer, catalog)


if __name__ == "__main__":
    main()
