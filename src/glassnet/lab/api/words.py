"""English words that the page shares with the terminal and with PNG files."""

from glassnet.diagnosis.experiments import EXPERIMENTS
from glassnet.diagnosis.words import EVIDENCE, LABELS, TITLES
from glassnet.nn.tracing.explanation import INPUT_KINDS


def english_words() -> dict[str, str]:
    """Return the shared words by key; translations have the same keys."""
    tables = {
        "input": INPUT_KINDS,
        "evidence": EVIDENCE,
        "shown": TITLES,
        "word": LABELS,
        "experiment": {name: experiment.description for name, experiment in EXPERIMENTS.items()},
    }
    return {
        f"{table}.{key}": text
        for table, words in tables.items()
        for key, text in words.items()
        if key
    }
