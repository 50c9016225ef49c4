"""Workers: a pool of processes that classify drawings and pictures."""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process

import anyio.to_thread

from glassnet.errors import DataError, GlassnetError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.reading import Task, read
from glassnet.lab.inference.worker import LENGTH, encode
from glassnet.models.model import Model


class Workers:
    """A pool of processes that classify drawings and pictures.

    Parameters
    ----------
    catalog : Catalog
    n_processes : int
        Size of the pool; 0 for threads of this process instead.
    """

    def __init__(self, catalog: Catalog, n_processes: int = 0) -> None:
        self._catalog, self._n_processes = catalog, n_processes
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._processes: set[Process] = set()
        self._n_reading = 0

    def is_busy(self) -> bool:
        """Return whether a classification is pending, so that training should yield."""
        return self._n_reading > 0

    async def start(self) -> None:
        """Start the processes."""
        for _ in range(self._n_processes):
            self._idle.put_nowait(await self._start_process())

    async def close(self) -> None:
        """Terminate the processes."""
        for process in list(self._processes):
            await self._end_process(process)

    async def read(self, network: str | Model, task: Task, seconds: float) -> bytes:
        """Classify a drawing or a picture as soon as a process is idle.

        Parameters
        ----------
        network : str or Model
            A name in the catalog; or a model, which runs in a thread of this process.
        task : Task
        seconds : float
            Time limit; a process that exceeds it is killed.

        Returns
        -------
        bytes
            The result as JSON.

        Raises
        ------
        TimeoutError
            If the time limit is exceeded.
        GlassnetError
            If the picture cannot be read.
        """
        self._n_reading += 1
        try:
            async with asyncio.timeout(seconds):
                if self._n_processes and isinstance(network, str):
                    return await self._read_in_process(network, task)
                return await anyio.to_thread.run_sync(
                    self._read_in_thread, network, task, abandon_on_cancel=True
                )
        finally:
            self._n_reading -= 1

    def _read_in_thread(self, network: str | Model, task: Task) -> bytes:
        return read(self._catalog.model(network) if isinstance(network, str) else network, task)

    async def _read_in_process(self, network: str, task: Task) -> bytes:
        process = await self._idle.get()
        try:
            result = await _call(process, (network, task))
        except BaseException as error:  # a cancelled call leaves its response in the pipe
            await self._end_process(process)
            process = await self._start_process()
            if isinstance(error, OSError | EOFError):
                raise DataError(
                    "picture: the worker process ended unexpectedly; try again"
                ) from None
            raise
        finally:
            self._idle.put_nowait(process)
        if isinstance(result, GlassnetError):
            raise result
        return result

    async def _start_process(self) -> Process:
        given = () if self._catalog.given is None else (self._catalog.given,)
        command = (sys.executable, "-m", "glassnet.lab.inference.worker", *given)
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        self._processes.add(process)
        return process

    async def _end_process(self, process: Process) -> None:
        self._processes.discard(process)
        if process.returncode is None:
            process.kill()
        await process.communicate()  # closes the pipes


async def _call(process: Process, request: tuple[str, Task]) -> bytes | GlassnetError:
    requests, responses = process.stdin, process.stdout
    if requests is None or responses is None:
        raise EOFError
    requests.write(encode(request))
    await requests.drain()
    (length,) = LENGTH.unpack(await responses.readexactly(LENGTH.size))
    result: bytes | GlassnetError = pickle.loads(await responses.readexactly(length))  # noqa: S301
    return result
