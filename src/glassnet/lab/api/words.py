"""English texts that the page shares with the terminal, by the page's keys."""

from glassnet.diagnosis.experiments import EXPERIMENTS
from glassnet.diagnosis.words import EVIDENCE, EXPLANATIONS, LABELS, REMEDIES, TITLES
from glassnet.lab.training.options import OPTIONS
from glassnet.nn.tracing.explanation import INPUT_KINDS
from glassnet.nn.tracing.quantities import DESCRIPTIONS


def english_words() -> dict[str, str]:
    """Return the shared words by key; translations have the same keys."""
    tables = {
        "input": INPUT_KINDS,
        "quantity": DESCRIPTIONS,
        "evidence": EVIDENCE,
        "why": EXPLANATIONS,
        "remedy": REMEDIES,
        "shown": TITLES,
        "word": LABELS,
        "experiment": {name: experiment.description for name, experiment in EXPERIMENTS.items()},
        "help": {name: option.help for name, option in OPTIONS.items()},
    }
    return {
        f"{table}.{key}": text
        for table, words in tables.items()
        for key, text in words.items()
        if key
    }
