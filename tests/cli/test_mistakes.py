"""Usage errors: one line on standard error, exit status 2, no files left behind."""

from pathlib import Path

import pytest

from glassnet.errors import GlassnetError
from tests.cli.conftest import Glassnet

MISTAKES = [
    (["--epoch", "3"], "--epochs"),
    (["--recipe", "fsat"], "Did you mean 'fast'"),
    (["--activation", "rleu"], "Did you mean 'relu'"),
    (["--optimizer", "adan"], "Did you mean 'adam'"),
    (["--initializer", "hee"], "Did you mean 'he'"),
    (["--loss", "crossentropy"], "Did you mean 'cross_entropy'"),
    (["--schedule", "constnat"], "Did you mean 'constant'"),
    (["--hidden", "0"], "whole numbers above 0"),
    (["--hidden", "-5"], "whole numbers above 0"),
    (["--hidden", "a,b"], "'a,b'"),
    (["--hidden", "9,9", "--activation", "relu,tanh,relu"], "one for each of 2"),
    (["--learning-rate", "nan"], "learning_rate"),
    (["--learning-rate", "inf"], "learning_rate"),
    (["--learning-rate", "-1"], "learning_rate"),
    (["--learning-rate", "fast"], "learning-rate"),
    (["--momentum", "0.9"], "momentum: needs sgd or nesterov"),
    (["--optimizer", "sgd", "--momentum", "1"], "below 1"),
    (["--epochs", "-1"], "epochs"),
    (["--batch-size", "0"], "batch_size"),
    (["--batch-size", "half"], "'half'"),
    (["--weight-decay", "-1"], "weight_decay"),
    (["--validation", "1.5"], "validation: needs a fraction"),
    (["--test", "-0.1"], "test: needs a fraction"),
    (["--test", "0.99"], "too few"),
    (["--seed", "-1"], "seed"),
    (["--seed", "x"], "seed"),
]


@pytest.mark.parametrize(("options", "message"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_train_usage_errors(
    glassnet: Glassnet, bars: Path, options: list[str], message: str
) -> None:
    done = glassnet("train", "--data", bars, *options)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("glassnet: ")
    assert message in done.err
    assert not list(Path().iterdir()), "train left files behind"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "Did you mean 'train'"),
        (["train", "--data", "nowhere"], "nowhere: no such file"),
        (["train", "--data", "mnits"], "Did you mean 'mnist'"),
        (["train", "--data", "fashion-mnist"], "GLASSNET_DATA"),
        (["evaluate", "nowhere"], "nowhere: needs a model file"),
        (["gradcheck", "--sizes", "6"], "sizes"),
        (["gradcheck", "--sizes", "a,b"], "'a,b'"),
        (["gradcheck", "--activation", "rleu"], "Did you mean 'relu'"),
        (["gradcheck", "--seed", "-1"], "seed"),
    ],
)
def test_usage_errors_of_other_commands(
    glassnet: Glassnet, arguments: list[str], message: str
) -> None:
    done = glassnet(*arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err
    assert not list(Path().iterdir())


def test_a_folder_with_files_is_an_error_and_unchanged(glassnet: Glassnet, bars: Path) -> None:
    full = Path("full")
    full.mkdir()
    (full / "precious.txt").write_text("mine")
    done = glassnet("train", "--data", bars, "--out", full)
    assert done.code == 2
    assert "--out: needs a new or empty folder" in done.err
    assert [path.name for path in full.iterdir()] == ["precious.txt"]


def test_a_diverging_run_fails_with_one_line(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("train", "--data", bars, "--optimizer", "sgd", "--learning-rate", "1e30")
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert "Try a smaller learning rate" in done.err


def test_debug_shows_the_traceback(glassnet: Glassnet) -> None:
    with pytest.raises(GlassnetError):
        glassnet("train", "--data", "nowhere", "--debug")


@pytest.mark.parametrize("width", ["1000000000", "100000000000000"])
def test_a_network_too_large_for_memory_gets_one_line(
    glassnet: Glassnet, bars: Path, width: str
) -> None:
    done = glassnet("train", "--data", bars, "--hidden", width)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "memory" in done.err or "this machine has" in done.err
    assert not list(Path().iterdir())


def test_ctrl_c_exits_with_130(
    glassnet: Glassnet, bars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.runs.run import Run

    def interrupted(self: Run) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "train", interrupted)
    assert glassnet("train", "--data", bars).code == 130
