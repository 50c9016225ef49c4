"""The history: the records of a training as a table, for people and spreadsheets; and back."""

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_origin

from glassnet.errors import ConfigError
from glassnet.nn.record import EpochRecord


def history_csv(records: Sequence[EpochRecord]) -> str:
    """Lay records out as a table.

    Parameters
    ----------
    records : sequence of EpochRecord
        Of the epochs so far, at least one.

    Returns
    -------
    str
        CSV: a header, a row for each epoch. What is told for each layer gets a column for each.
    """
    text = io.StringIO()
    rows = [_flat(record) for record in records]
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_history(path: Path) -> list[EpochRecord]:
    """Read records back.

    Parameters
    ----------
    path : Path
        What `history_csv` made, as a file.

    Returns
    -------
    list of EpochRecord
        The same numbers; none where there is no such file.

    Raises
    ------
    ConfigError
        If it is damaged, or was written by a glassnet that recorded less.
    """
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_record(row) for row in csv.DictReader(file)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path}: is damaged, or by an older glassnet ({error!r}); train again"
        ) from error


def _record(row: dict[str, Any]) -> EpochRecord:
    values: dict[str, Any] = {}
    for field in fields(EpochRecord):
        if get_origin(field.type) is tuple:
            stem = field.name.removesuffix("s") + "_"
            columns = [
                row[name] for name in row if name.startswith(stem) and name[len(stem) :].isdigit()
            ]
            values[field.name] = tuple(float(text) for text in columns if text)
        elif field.type is int:
            values[field.name] = int(row[field.name])
        else:
            text = row[field.name]
            values[field.name] = float(text) if text else None
    return EpochRecord(**values)


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
