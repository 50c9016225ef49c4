"""ReportData: the content of the HTML report, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glassnet.evaluation.html_report.commands import Command
from glassnet.evaluation.html_report.examples import Example
from glassnet.evaluation.html_report.first_layer import FirstLayer
from glassnet.evaluation.html_report.speed import Speed
from glassnet.evaluation.report import Report
from glassnet.nn.monitoring.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportData:
    """Content of the HTML report.

    Parameters
    ----------
    name : str
        A run's folder, a model file, or the name of a shipped model.
    data : str
        Description of the evaluation images.
    is_unseen : bool
        Whether the images are known to be held out.
    made_by : str
        Version of glassnet, date and time.
    summary : mapping of str to str
        The network, its data and its training.
    settings : mapping of str to str
        Every setting of the run; empty if there is no record of them.
    histories : mapping of str to sequence of EpochRecord
        Epoch records by network name; empty if there are none.
    cells : mapping of (int, int) to tuple of Example
        Images for each pair of label and prediction.
    mistakes : sequence of Example
        Images in the gallery.
    first_layer : FirstLayer or None
        Weights of the first layer; None if the height and width of the images are unknown.
    commands : sequence of Command
        Commands that reproduce the run and the report.
    remarks : sequence of str
        Limitations of the numbers.
    """

    name: str
    data: str
    is_unseen: bool
    made_by: str
    report: Report
    classes: Sequence[str]
    summary: Mapping[str, str]
    settings: Mapping[str, str]
    histories: Mapping[str, Sequence[EpochRecord]]
    cells: Mapping[tuple[int, int], tuple[Example, ...]]
    mistakes: Sequence[Example]
    first_layer: FirstLayer | None
    speeds: Sequence[Speed]
    commands: Sequence[Command]
    remarks: Sequence[str]
