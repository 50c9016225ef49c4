"""``glassnet doctor``: the processor, BLAS and threads in use, their speed, and any slowdowns."""

from dataclasses import asdict

from rich.table import Table

from glassnet.cli.console import print_json, text_console
from glassnet.cli.options import JsonOption
from glassnet.compute.gflops import SHAPES
from glassnet.compute.slowdowns import check_up


def doctor(
    as_json: JsonOption = False,
) -> int:
    """Show the processor, BLAS and threads in use, their speed, and any slowdowns.

    Takes a second or two, and changes nothing.
    """
    console = text_console(quiet=False, as_json=as_json)
    checkup = check_up()
    found = checkup.found
    if as_json:
        print_json(
            {
                **found,
                "load": None if found["load"] is None else round(found["load"], 2),
                "gflops": [
                    {"m": m, "k": k, "n": n, "gflops": round(speed, 1)}
                    for (m, k, n), speed in zip(SHAPES, found["gflops"], strict=True)
                ],
                "slowdowns": [asdict(slowdown) for slowdown in checkup.slowdowns],
            }
        )
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    cores = f"{found['cores']} core{'s' * (found['cores'] > 1)}"
    table.add_row("processor", f"{found['cpu']} ({found['machine']}), {cores}")
    table.add_row("software", f"NumPy {found['numpy']}, Python {found['python']}")
    threads = found["threads"]
    blas = [
        found["blas"] or "unknown",
        found["kernel"] and f"kernel {found['kernel']}",
        threads and f"{threads} thread{'s' * (threads != 1)}",
    ]
    table.add_row("BLAS", ", ".join(filter(None, blas)))
    for (m, k, n), speed in zip(SHAPES, found["gflops"], strict=True):
        table.add_row("matmul", f"{m:>4} x {k:>4} @ {k:>4} x {n:<4}  {speed:>6.1f} GFLOP/s")
    console.print(table)
    for slowdown in checkup.slowdowns:
        console.print(f"\nslow: {slowdown.what}", style="bold yellow", markup=False)
        console.print(f"fix: {slowdown.fix}", markup=False)
    if not checkup.slowdowns:
        console.print("\nNo slowdowns found.")
    return 0
