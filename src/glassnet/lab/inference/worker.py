"""Reader: a process that reads drawings and pictures, one after the other: the far end of a pipe.

A request is a line of JSON and the bytes that it announces; so is the answer.
"""

import gc
import json
import signal
import sys
from typing import Any, BinaryIO

from glassnet.errors import GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.reading import read_drawing, read_upload, to_drawing
from glassnet.models.model import Model


def read(model: Model, header: dict[str, Any], content: bytes) -> bytes:
    """Read a drawing or a picture.

    Parameters
    ----------
    model : Model
        Of digits of 28 x 28 pixels.
    header : dict
        ``side`` of a drawing, None for a picture; ``without`` and ``shown``.
    content : bytes
        Of a drawing its grey values, of a picture its file.

    Returns
    -------
    bytes
        The answer, as JSON.

    Raises
    ------
    GlassnetError
        If it cannot be read.
    """
    if header["side"] is None:
        told = read_upload(model, content, without=header["without"])
    else:
        drawing = to_drawing(content, header["side"])
        told = read_drawing(model, drawing, without=header["without"], shown=header["shown"])
    return json.dumps(told).encode()


def serve(requests: BinaryIO, answers: BinaryIO, catalog: Catalog) -> None:
    """Answer until nobody asks any more.

    Parameters
    ----------
    requests, answers : binary file
        The two ends of the pipe.
    catalog : Catalog
        Networks.
    """
    while line := requests.readline():
        header = json.loads(line)
        content = requests.read(header["n"])
        try:
            body, wrong = read(catalog.model(header["network"]), header, content), None
        except GlassnetError as error:
            body, wrong = str(error).encode(), type(error).__name__
        except MemoryError:
            body, wrong = b"picture: there is not enough memory to read it", "DataError"
        told = json.dumps({"n": len(body), "wrong": wrong}).encode() + b"\n"
        answers.write(told + body)
        answers.flush()


def main() -> None:
    """Be ready, with one thread: there is a process for each core."""
    import cv2
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; it closes the pipe
    cv2.setNumThreads(1)
    catalog = Catalog(*sys.argv[1:2])
    catalog.warm_up_reading()
    gc.freeze()  # what is loaded stays: looking through it again and again would hold up answers
    with threadpool_limits(1):
        serve(sys.stdin.buffer, sys.stdout.buffer, catalog)


if __name__ == "__main__":
    main()
