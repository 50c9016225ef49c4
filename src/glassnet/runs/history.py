"""History: the records of a run as a CSV table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from glassnet.errors import ConfigError
from glassnet.nn.monitoring.epoch_record import EpochRecord
from glassnet.runs.folder import HISTORY, MEMBER


def history_csv(records: Sequence[EpochRecord]) -> str:
    """Write records as a CSV table, with a row for each epoch.

    A field with one value per layer has one column per layer. There must be at least one record.
    """
    text = io.StringIO()
    rows = [_flat(record) for record in records]
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(record: EpochRecord) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, tuple):
            stem = field.name.removesuffix("s")
            row |= {f"{stem}_{number}": x for number, x in enumerate(value, start=1)}
        else:
            row[field.name] = value
    return row


def read_history(path: Path) -> list[EpochRecord]:
    """Read the records of a run's ``history.csv``; empty if there is no such file.

    Raises
    ------
    ConfigError
        If the file is damaged.
    """
    if not path.is_file():
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        return [_record(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise ConfigError(
            f"{path}: is damaged, or from an older glassnet ({error!r}); train again"
        ) from error


def read_histories(folder: Path) -> dict[str, list[EpochRecord]]:
    """Read the history of a run, or the histories of an ensemble's members.

    Returns
    -------
    dict of str to list of EpochRecord
        Records by folder, without the folders that have none.

    Raises
    ------
    ConfigError
        If a history is damaged.
    """
    numbered = [
        (int(number), member)
        for member in folder.glob(f"{MEMBER}*")
        if (number := member.name.removeprefix(MEMBER)).isdecimal()
    ]
    folders = [folder, *(member for _, member in sorted(numbered))]
    found = {str(path): read_history(path / HISTORY) for path in folders}
    return {name: records for name, records in found.items() if records}


def _record(row: dict[str, str]) -> EpochRecord:
    if None in row.values():
        raise ValueError("a row ends too early")
    values: dict[str, Any] = {}
    for field in fields(EpochRecord):
        name = field.name
        if field.type == tuple[float, ...]:
            stem = f"{name.removesuffix('s')}_"
            layers = [key for key in row if key.startswith(stem) and key[len(stem) :].isdecimal()]
            values[name] = tuple(float(row[key]) for key in layers if row[key])
        elif field.type is int:
            values[name] = int(row[name])
        else:
            values[name] = float(row[name]) if row[name] else None
    return EpochRecord(**values)
