"""Choosing the images that a model is evaluated on."""

import shutil
from pathlib import Path

import pytest

from glassnet import load_dataset
from glassnet.data.dataset import Split
from glassnet.errors import ConfigError, DataNotFoundError
from glassnet.recipes import FAST
from glassnet.runs.config import RunConfig
from glassnet.runs.configure import resolve_data
from glassnet.runs.eval_split import choose_part, choose_split, find_config


def run_on(data: str, *, test: float | None = None, seed: int = 3) -> Path:
    """Write the files of a run's folder that `choose_split` needs."""
    folder = Path("runs/fast-1")
    folder.mkdir(parents=True)
    config = RunConfig(recipe=FAST, data=resolve_data(data), validation=0.1, test=test, seed=seed)
    (folder / "config.json").write_text(config.to_json())
    (folder / "model.safetensors").touch()
    return folder


def same(split: Split, other: Split | None) -> bool:
    return (
        other is not None
        and split.images.tobytes() == other.images.tobytes()
        and split.labels.tolist() == other.labels.tolist()
    )


@pytest.mark.parametrize("name", ["", "model.safetensors"])
@pytest.mark.parametrize("trained", ["two", "mnist", "../data/two"])
def test_a_run_is_evaluated_on_its_test_part(name: str, trained: str) -> None:
    chosen, split = choose_split(run_on(trained) / name, None)
    assert chosen == f"the test set of its run, {resolve_data(trained)}"
    assert same(split, load_dataset(trained).test)


@pytest.mark.parametrize("data_option", [None, "one"])
@pytest.mark.parametrize("name", ["", "model.safetensors"])
def test_a_run_is_evaluated_on_the_images_that_it_held_out(
    name: str, data_option: str | None
) -> None:
    _, split = choose_split(run_on("one", test=0.4, seed=3) / name, data_option)
    dataset = load_dataset("one", validation=0.1, test=0.4, seed=3)
    assert len(split) == 24
    assert same(split, dataset.test)
    seen = {image.tobytes() for image in dataset.train.images}
    assert dataset.validation is not None
    seen |= {image.tobytes() for image in dataset.validation.images}
    assert not seen & {image.tobytes() for image in split.images}
    assert not same(split, load_dataset("one", validation=0.1, test=0.4, seed=4).test)


@pytest.mark.parametrize("data_option", ["../data/one", "../desk/../data/one", "absolute"])
def test_a_path_of_the_same_data_gives_the_test_part(data: Path, data_option: str) -> None:
    folder = run_on("../data/one")
    data_option = str(data / "one") if data_option == "absolute" else data_option
    chosen, split = choose_split(folder, data_option)
    assert chosen == f"the test set of its run, {data / 'one'}"
    assert len(split) == 12


@pytest.mark.parametrize(
    ("trained", "data_option"),
    [
        ("one", "../data/one"),
        ("../data/one", "one"),
        ("one", "../data/one/train-images-idx3-ubyte"),
    ],
)
def test_names_and_paths_of_the_same_data_are_equal(trained: str, data_option: str) -> None:
    _, split = choose_split(run_on(trained), data_option)
    assert len(split) == 12


@pytest.mark.parametrize(
    ("data_option", "n", "description"),
    [
        ("mnist", 12, "the test set of mnist"),
        ("two", 21, "the test set of two"),
        ("../data/two", 21, "the test set of ../data/two"),
        ("one", 60, "all of one"),
        ("../data/two/t10k-images-idx3-ubyte", 21, "all of ../data/two/t10k-images-idx3-ubyte"),
    ],
)
def test_other_data_give_their_test_part_or_all_images(
    tmp_path: Path, data_option: str, n: int, description: str
) -> None:
    lone = tmp_path / "model.safetensors"
    lone.touch()
    shutil.copytree(tmp_path / "data" / "one", tmp_path / "data" / "other")
    for model in (run_on("other"), lone):
        chosen, split = choose_split(model, data_option)
        assert chosen == description
        assert len(split) == n


def test_a_run_without_a_test_part_needs_data() -> None:
    folder = run_on("one", test=0.0)
    with pytest.raises(ConfigError, match=r"--data: needs a name or a path, .* has no test set"):
        choose_split(folder, None)
    assert choose_split(folder, "one")[0] == "all of one"  # none is held out
    assert len(choose_split(folder, "two")[1]) == 21


def test_a_model_file_without_a_run_needs_data(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="without a run") as raised:
        choose_split(tmp_path / "model.safetensors", None)
    assert "\n" not in str(raised.value)


def test_a_damaged_configuration_is_reported() -> None:
    folder = run_on("one")
    (folder / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config\.json"):
        choose_split(folder, None)


def test_missing_data_are_reported(data: Path) -> None:
    folder = run_on("one")
    shutil.rmtree(data / "one")
    with pytest.raises(DataNotFoundError, match="one"):
        choose_split(folder, None)
    with pytest.raises(DataNotFoundError, match="nowhere"):
        choose_split(folder, "nowhere")


def test_a_part_is_that_of_the_run() -> None:
    config = find_config(run_on("one", test=0.4, seed=3) / "model.safetensors")
    assert config is not None
    dataset = load_dataset("one", validation=0.1, test=0.4, seed=3)
    for part in ("train", "validation", "test"):
        for data_option in (None, "one"):
            chosen, split = choose_part(config, data_option, part)
            assert chosen == f"the {part} set of {config.data if data_option is None else 'one'}"
            assert same(split, getattr(dataset, part))


def test_other_data_are_split_by_default() -> None:
    config = find_config(run_on("one"))
    assert find_config(Path("elsewhere/model.safetensors")) is None
    for run_config in (config, None):
        chosen, split = choose_part(run_config, "two", "validation")
        assert chosen == "the validation set of two"
        assert same(split, load_dataset("two").validation)
    with pytest.raises(ConfigError, match="--data: needs a name or a path"):
        choose_part(None, None, "test")
    with pytest.raises(
        ConfigError, match=r"part: needs one of .*, got 'tests'\. Did you mean 'test'"
    ):
        choose_part(None, "two", "tests")
