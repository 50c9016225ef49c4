"""ReadOptions: the user's options for reading a source."""

from dataclasses import dataclass

from glassnet.data.readers.csv_layout import Labels, Shape


@dataclass(frozen=True)
class ReadOptions:
    """Options common to all readers; see `glassnet.data.readers.csv_table.parse_csv`."""

    label: str | None
    shape: Shape | None
    max_bytes: int
    labels: Labels = "needed"
