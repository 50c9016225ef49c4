"""Workers: where drawings and pictures are read, beside what is being trained."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from glassnet import errors
from glassnet.errors import DataError
from glassnet.lab.catalog import Catalog
from glassnet.lab.inference.worker import read
from glassnet.models.model import Model


@dataclass(frozen=True, eq=False)
class Task:
    """Something to read.

    Parameters
    ----------
    content : bytes
        Of a drawing its grey values, of a picture its file.
    side : int or None
        Of a drawing; None for a picture.
    network : str or Model
        The name of one on the catalog; or one that is being trained, itself.
    without : tuple of str
        Steps to leave out.
    shown : bool
        Whether to send the steps as pictures.
    """

    content: bytes
    side: int | None
    network: str | Model
    without: tuple[str, ...] = ()
    shown: bool = False

    @property
    def header(self) -> dict[str, Any]:
        """Return all but the bytes and the network.

        Returns
        -------
        dict
            For JSON.
        """
        return {"side": self.side, "without": self.without, "shown": self.shown}


class Workers:
    """Where drawings and pictures are read.

    Parameters
    ----------
    catalog : Catalog
        Networks.
    n_processes : int
        How many of their own to read in; 0 for threads of this one.
    """

    def __init__(self, catalog: Catalog, n_processes: int = 0) -> None:
        self._catalog, self._n_processes = catalog, n_processes
        self._free: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._all: list[asyncio.subprocess.Process] = []
        self._n_reading = 0

    def is_busy(self) -> bool:
        """Tell whether somebody waits for an answer.

        Returns
        -------
        bool
            Then what is not so urgent gives way.
        """
        return self._n_reading > 0

    async def start(self) -> None:
        """Start the processes."""
        for _ in range(self._n_processes):
            self._free.put_nowait(await self._start_one())

    async def read(self, task: Task, seconds: float) -> bytes:
        """Read, as soon as there is a turn.

        Parameters
        ----------
        task : Task
            What.
        seconds : float
            In which it has to be done.

        Returns
        -------
        bytes
            The answer, as JSON.

        Raises
        ------
        TimeoutError
            If it takes longer.
        GlassnetError
            If it cannot be read.
        """
        self._n_reading += 1
        try:
            return await self._read(task, seconds)
        finally:
            self._n_reading -= 1

    async def _read(self, task: Task, seconds: float) -> bytes:
        if not self._n_processes or not isinstance(task.network, str):
            return await asyncio.wait_for(self._read_here(task), seconds)
        async with asyncio.timeout(seconds):
            process = await self._free.get()
        try:
            async with asyncio.timeout(seconds):
                return await self._read_there(process, task, task.network)
        except (TimeoutError, asyncio.CancelledError, asyncio.IncompleteReadError, OSError) as why:
            # It may be in the midst of an answer: another takes its place.
            process = await self._replace(process)
            if isinstance(why, TimeoutError | asyncio.CancelledError):
                raise
            raise DataError("picture: reading it came to a sudden end") from None
        finally:
            self._free.put_nowait(process)

    async def close(self) -> None:
        """End the processes."""
        for process in self._all:
            await _end(process)

    async def _read_here(self, task: Task) -> bytes:
        def work() -> bytes:
            network = task.network
            model = self._catalog.model(network) if isinstance(network, str) else network
            return read(model, task.header, task.content)

        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)

    async def _read_there(
        self, process: asyncio.subprocess.Process, task: Task, network: str
    ) -> bytes:
        requests, answers = process.stdin, process.stdout
        if requests is None or answers is None:
            raise BrokenPipeError
        header = task.header | {"n": len(task.content), "network": network}
        requests.write(json.dumps(header).encode() + b"\n" + task.content)
        await requests.drain()
        line = await answers.readline()
        if not line:
            raise BrokenPipeError
        told = json.loads(line)
        body = await answers.readexactly(told["n"])
        if told["wrong"] is not None:
            raise getattr(errors, told["wrong"])(body.decode())
        return body

    async def _replace(self, process: asyncio.subprocess.Process) -> asyncio.subprocess.Process:
        await _end(process)
        self._all.remove(process)
        return await self._start_one()

    async def _start_one(self) -> asyncio.subprocess.Process:
        given = () if self._catalog.given is None else (self._catalog.given,)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "glassnet.lab.inference.worker", *given),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._all.append(process)
        return process


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()  # closes the pipes, too
