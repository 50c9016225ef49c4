"""Workers: processes that classify drawings and pictures, apart from the runs that train."""

import gc
import signal
from functools import cache

import anyio
import anyio.to_process
import anyio.to_thread

from glassnet.errors import DataError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.reading import Task, read
from glassnet.models.model import Model


class Workers:
    """A pool of processes in which drawings and pictures are classified.

    Parameters
    ----------
    catalog : Catalog
        Networks.
    n_processes : int
        Size of the pool; 0 to work in threads of this process.
    """

    def __init__(self, catalog: Catalog, n_processes: int = 0) -> None:
        self._catalog, self._n_processes = catalog, n_processes
        self._limiter = anyio.CapacityLimiter(max(1, n_processes))
        self._n_reading = 0

    def is_busy(self) -> bool:
        """Return whether a visitor waits for an answer; training then yields."""
        return self._n_reading > 0

    async def start(self) -> None:
        """Start the processes, so that the first visitor need not wait for one."""
        async with anyio.create_task_group() as group:
            for _ in range(self._n_processes):
                group.start_soon(self._start_process)

    async def read(self, network: str | Model, task: Task, seconds: float) -> bytes:
        """Classify a drawing or a picture as soon as a process is free.

        Parameters
        ----------
        network : str or Model
            A name of the catalog; or a model, which is used in a thread of this process.
        task : Task
            The drawing or picture.
        seconds : float
            The time limit. A process that exceeds it is killed.

        Returns
        -------
        bytes
            The answer, as JSON.

        Raises
        ------
        TimeoutError
            If it takes longer.
        GlassnetError
            If the picture cannot be read.
        """
        self._n_reading += 1
        try:
            with anyio.fail_after(seconds):
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
        try:
            return await anyio.to_process.run_sync(
                _read, self._catalog.given, network, task, cancellable=True, limiter=self._limiter
            )
        except anyio.BrokenWorkerProcess:
            raise DataError("picture: the process that read it ended unexpectedly") from None

    async def _start_process(self) -> None:
        # Each holds its process until all have one; an idle process would be used again.
        await anyio.to_process.run_sync(
            _warm_up, self._catalog.given, cancellable=True, limiter=self._limiter
        )


def _read(given: str | None, network: str, task: Task) -> bytes:
    try:
        return read(_open_catalog(given).model(network), task)
    except MemoryError:
        raise DataError("picture: there is not enough memory to read it") from None


def _warm_up(given: str | None) -> None:
    _open_catalog(given)


@cache
def _open_catalog(given: str | None) -> Catalog:
    """Prepare a worker process: one thread, since there is a process for each core."""
    import cv2
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends its workers
    cv2.setNumThreads(1)
    threadpool_limits(1)
    catalog = Catalog(given)
    catalog.warm_up_reading()
    gc.freeze()  # a full collection of all that was imported would delay an answer
    return catalog
