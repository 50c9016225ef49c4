"""``glassnet diagnose``: the problems in a training run and their causes."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from glassnet.cli.console import print_json, text_console
from glassnet.cli.options import JsonOption
from glassnet.diagnosis.causes import find_causes
from glassnet.diagnosis.drawing import draw_finding
from glassnet.diagnosis.words import EVIDENCE
from glassnet.files import write_atomically
from glassnet.runs.command import changed_command
from glassnet.runs.config import RunConfig
from glassnet.runs.diagnose import read_case
from glassnet.runs.folder import CONFIG


def diagnose(
    run: Annotated[Path, typer.Argument(help="Folder of a run, finished or not.")],
    show: Annotated[
        Path | None, typer.Option(help="Write a chart of the first cause to this PNG file.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Diagnose a training run: causes, evidence and suggested experiments.

    Exits with status 0 whether problems are found or not.
    """
    console = text_console(quiet=False, as_json=as_json)
    case = read_case(run)
    config, findings = RunConfig.read(run / CONFIG), find_causes(case)
    commands = [changed_command(config, finding.change) for finding in findings]
    n_epochs = len(case.records)
    console.print(f"{run}: {n_epochs} {'epoch' if n_epochs == 1 else 'epochs'}", markup=False)
    for finding, line in zip(findings, commands, strict=True):
        console.print(f"\n[bold]{finding.cause}[/]  {escape(finding.explanation)}")
        for evidence in finding.evidence:
            value, limit = f"{evidence.value:.4g}", f"{evidence.limit:.4g}"
            console.print(f"  {EVIDENCE[evidence.name]}: {value} (limit {limit})", markup=False)
        console.print(f"  Try: {finding.experiment}", markup=False)
        console.print(f"  {line}", markup=False)
    if not findings:
        console.print("No problems found.")
    if show is not None and findings:
        write_atomically(show, draw_finding(findings[0]))
        console.print(f"\nWrote {show}", markup=False)
    if as_json:
        rows = [
            {**finding.to_dict(), "command": line}
            for finding, line in zip(findings, commands, strict=True)
        ]
        print_json({"run": str(run), "epochs": n_epochs, "findings": rows})
    return 0
