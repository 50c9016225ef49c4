"""Model files: bit-identical round trips, and errors for damaged files."""

import json
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import GlassnetError, ModelFileError
from glassnet.types import Array

LAYERS: list[Any] = [
    {"n_in": 4, "n_out": 3, "activation": "relu", "initializer": "he"},
    {"n_in": 3, "n_out": 2, "activation": "identity", "initializer": "he"},
]
OLD: dict[str, Any] = {"format": 1, "image_shape": [2, 2], "layers": LAYERS}
MEMBER: dict[str, Any] = {
    "preprocess": "plain",
    "layers": LAYERS,
    "dtype": "float32",
    "stored": "float32",
}
DESCRIPTION: dict[str, Any] = {
    "format": 2,
    "image_shape": [2, 2],
    "temperature": 1.0,
    "threshold": None,
    "classes": ["0", "1"],
    "members": [MEMBER],
}
TENSORS = {
    "W1": np.arange(12, dtype=np.float32).reshape(4, 3),
    "b1": np.ones(3, np.float32),
    "W2": np.arange(6, dtype=np.float32).reshape(3, 2),
    "b2": np.zeros(2, np.float32),
}
BYTES = TENSORS | {
    "W1": np.arange(-6, 6, dtype=np.int8).reshape(4, 3),
    "scale1": np.full(3, 0.5, np.float32),
    "W2": np.arange(6, dtype=np.int8).reshape(3, 2),
    "scale2": np.full(2, 0.25, np.float32),
}
TWO = {f"{number}/{name}": theta for number in (1, 2) for name, theta in TENSORS.items()}
CODES = {
    "f2": "F16",
    "f4": "F32",
    "f8": "F64",
    "i4": "I32",
    "i1": "I8",
    "u1": "U8",
    "b1": "BOOL",
}


def pack(
    tensors: dict[str, Array], metadata: dict[str, str] | None, code: str | None = None
) -> bytes:
    """Write safetensors by hand: the header's length, the header as JSON, the bytes."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    content = b""
    for name, tensor in tensors.items():
        end = len(content) + tensor.nbytes
        header[name] = {
            "dtype": code or CODES[tensor.dtype.str[1:]],
            "shape": tensor.shape,
            "data_offsets": [len(content), end],
        }
        content += tensor.tobytes()
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


def described(**changes: object) -> dict[str, str]:
    """Describe a model in format 1."""
    return {"glassnet": json.dumps(OLD | changes)}


def metadata(**changes: object) -> dict[str, str]:
    """Describe a model in format 2."""
    return {"glassnet": json.dumps(DESCRIPTION | changes)}


def member(**changes: object) -> dict[str, str]:
    return metadata(members=[MEMBER | changes])


def unpack(content: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def error_message(path: Path) -> str:
    with pytest.raises(ModelFileError) as raised:
        gn.load(path)
    message = str(raised.value)
    assert message.isprintable()  # one line
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


def network(sizes: list[int], **options: Any) -> gn.Network:
    net = gn.mlp(sizes, rng=5, **options)
    rng = np.random.default_rng(6)
    for theta in net.params.values():
        theta[...] = rng.normal(size=theta.shape)
    return net


def check_same(net: gn.Network, other: gn.Network) -> None:
    assert other.layers == net.layers
    assert list(other.params) == list(net.params)
    for name, theta in net.params.items():
        assert other.params[name].dtype == theta.dtype
        assert other.params[name].shape == theta.shape
        assert other.params[name].tobytes() == theta.tobytes()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("sizes", "activation"),
    [
        ([4, 2], "relu"),
        ([4, 3, 2], "sigmoid"),
        ([4, 3, 2], "tanh"),
        ([4, 5, 3, 7], ["relu", "tanh"]),
        ([4, 1, 9, 6, 5, 4, 3, 3, 3, 3, 3, 2], "relu"),
    ],
)
def test_a_model_is_saved_and_loaded_bit_identically(
    tmp_path: Path, dtype: type[np.floating[Any]], sizes: list[int], activation: Any
) -> None:
    net = network(sizes, activation=activation, dtype=dtype)
    gn.save(gn.Model.of(net, (2, 2)), tmp_path / "m.safetensors")
    model = gn.load(tmp_path / "m.safetensors")
    check_same(net, model.network)
    assert model.image_shape == (2, 2)
    images = np.arange(20, dtype=np.uint8).reshape(5, 2, 2)
    assert model.predict_proba(images).tobytes() == net.predict_proba(images).tobytes()


@pytest.mark.parametrize("initializer", ["small", "he", "glorot"])
def test_the_initializer_is_kept(tmp_path: Path, initializer: str) -> None:
    net = network([4, 3, 2], initializer=initializer)
    gn.save(net, tmp_path / "m")
    assert [layer.initializer for layer in gn.load(tmp_path / "m").network.dense] == [
        initializer,
        initializer,
    ]


def test_a_network_is_saved_without_an_image_shape(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    gn.save(net, str(tmp_path / "m"))
    model = gn.load(str(tmp_path / "m"))
    check_same(net, model.network)
    assert model.image_shape is None


def test_extreme_numbers_are_loaded_bit_identically(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    info = np.finfo(np.float32)
    net.params["b1"][:] = [-0.0, info.smallest_subnormal, info.max]
    gn.save(net, tmp_path / "m")
    check_same(net, gn.load(tmp_path / "m").network)


def test_arrays_in_column_major_order_are_loaded(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    net.params["W1"] = np.asfortranarray(net.params["W1"])
    gn.save(net, tmp_path / "m")
    assert gn.load(tmp_path / "m").network.params["W1"].tolist() == net.params["W1"].tolist()


@pytest.mark.parametrize("dtype", [">f4", ">f8"])
def test_big_endian_arrays_are_loaded(tmp_path: Path, dtype: str) -> None:
    net = network([4, 3, 2], dtype=dtype)
    gn.save(net, tmp_path / "m")
    assert gn.load(tmp_path / "m").network.params["W1"].tolist() == net.params["W1"].tolist()


def test_a_loaded_model_can_be_trained_further(tmp_path: Path) -> None:
    gn.save(network([4, 3, 2]), tmp_path / "m")
    net = gn.load(tmp_path / "m").network
    before = net.params["W1"].copy()
    X, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    assert len(list(gn.train(net, (X, y), epochs=1, rng=0))) == 1
    assert not np.array_equal(net.params["W1"], before)


def test_the_file_is_safetensors_with_one_sorted_description(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    gn.save(gn.Model.of(net, (1, 4)), tmp_path / "m")
    header, content = unpack((tmp_path / "m").read_bytes())
    metadata = header.pop("__metadata__")
    assert list(metadata) == ["glassnet"]
    description = json.loads(metadata["glassnet"])
    assert metadata["glassnet"] == json.dumps(description, sort_keys=True)
    assert description == DESCRIPTION | {"image_shape": [1, 4]}
    assert set(header) == set(net.params)
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        assert entry["dtype"] == "F32"
        assert tuple(entry["shape"]) == net.params[name].shape
        assert content[start:end] == net.params[name].astype("<f4").tobytes()


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    names = [tmp_path / name for name in ("first", "second", "third")]
    for name in names[:2]:
        gn.save(gn.Model.of(net, (2, 2)), name)
    turned = net.copy()
    turned.params = dict(reversed(net.params.items()))
    gn.save(gn.Model.of(turned, (2, 2)), names[2])
    first, second, third = (name.read_bytes() for name in names)
    assert first == second == third


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    gn.save(gn.mlp([4, 3, 2], rng=0), tmp_path / "here")
    code = f"import glassnet as gn; gn.save(gn.mlp([4, 3, 2], rng=0), {str(tmp_path / 'there')!r})"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONHASHSEED": "12345"}
    )
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_the_model_of_a_run_folder_is_loaded(tmp_path: Path) -> None:
    net = network([4, 3, 2])
    gn.save(net, tmp_path / "model.safetensors")
    check_same(net, gn.load(tmp_path).network)


def test_a_file_written_by_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(pack(TENSORS, described()))
    model = gn.load(path)
    assert model.image_shape == (2, 2)
    assert {name: theta.tolist() for name, theta in model.network.params.items()} == {
        name: theta.tolist() for name, theta in TENSORS.items()
    }
    # By hand: [0 0 0 1] W1 + b1 = [10 11 12], times W2 = [70 103]; e^-33 is far below float32's
    # precision relative to 1.
    X = np.array([[0, 0, 0, 255]], np.uint8)
    assert model.predict(X).tolist() == [1]
    logits, _ = model.network.forward(np.array([[0, 0, 0, 1]], np.float32))
    assert logits.tolist() == [[70.0, 103.0]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        b"<html>\n<body>\n" * 20,
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 2) + b"{]",
        struct.pack("<Q", 10) + b"\xff" * 10,
        pickle.dumps(TENSORS),
        pickle.dumps({"state_dict": TENSORS}, protocol=0),
    ],
)
def test_files_other_than_safetensors_raise(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert "safetensors" in error_message(path)


def test_a_pickle_is_not_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "sprung",)

    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    error_message(path)
    assert not (tmp_path / "sprung").exists()


def test_a_truncated_file_raises(tmp_path: Path) -> None:
    content = pack(TENSORS, described())
    path = tmp_path / "m"
    for length in range(0, len(content), 3):
        path.write_bytes(content[:length])
        error_message(path)
    path.write_bytes(content + b"\x00")
    error_message(path)


@pytest.mark.parametrize(
    ("tensors", "metadata", "expected"),
    [
        (TENSORS, None, "needs a file written by glassnet"),
        (TENSORS, {}, "needs a file written by glassnet"),
        (TENSORS, {"format": "pt"}, "needs a file written by glassnet"),
        (TENSORS, {"glassnet": ""}, "needs a file written by glassnet"),
        (TENSORS, {"glassnet": "{"}, "needs a file written by glassnet"),
        (TENSORS, {"glassnet": "[]"}, "needs a format from 1 to 2, got format None"),
        (TENSORS, {"glassnet": "1"}, "needs a format from 1 to 2, got format None"),
        (
            TENSORS,
            described(format=3),
            "needs a format from 1 to 2, got format 3; a newer glassnet can read it",
        ),
        (TENSORS, described(format=3, layers="unknown"), "format 3"),
        (TENSORS, described(format=2), "description"),
        (TENSORS, metadata(format=1), "description"),
        (TENSORS, described(format=999), "format 999"),
        (TENSORS, described(format="1"), "format"),
        (TENSORS, described(format=None), "format"),
        (TENSORS, {"glassnet": json.dumps({"format": 1})}, "layers"),
        (TENSORS, described(layers=None), "description"),
        (TENSORS, described(layers=[]), "at least one layer"),
        (TENSORS, described(layers=[{}]), "n_in"),
        (TENSORS, described(layers=[LAYERS[0] | {"activation": "rleu"}]), "Did you mean 'relu'?"),
        (TENSORS, described(layers=[LAYERS[0] | {"initializer": "xavier"}]), "'xavier'"),
        (TENSORS, described(layers=[LAYERS[0] | {"n_in": "four"}]), "four"),
        (TENSORS, described(image_shape=[2]), "description"),
        (TENSORS, described(image_shape="square"), "description"),
        (TENSORS, described(layers=LAYERS[:1]), "needs W1, b1, got"),
        (TENSORS, described(layers=[*LAYERS, LAYERS[1]]), "W3, b3"),
        ({}, described(), "needs W1, b1, W2, b2"),
        ({"W1": TENSORS["W1"]}, described(), "needs W1, b1, W2, b2, got W1"),
        (TENSORS | {"extra": TENSORS["b1"]}, described(), "extra"),
        (TENSORS | {"W1": TENSORS["W1"].T}, described(), "W1 needs shape (4, 3), got (3, 4)"),
        (TENSORS | {"W1": TENSORS["W1"].reshape(12)}, described(), "got (12,)"),
        (TENSORS | {"b1": np.ones((1, 3), np.float32)}, described(), "b1 needs shape (3,)"),
        (TENSORS | {"b2": np.ones(3, np.float32)}, described(), "b2 needs shape (2,), got (3,)"),
        (TENSORS | {"b2": np.zeros(2, np.float64)}, described(), "b2 needs float32, got float64"),
        ({k: v.astype(np.int32) for k, v in TENSORS.items()}, described(), "got int32"),
        ({k: v.astype(bool) for k, v in TENSORS.items()}, described(), "got bool"),
        (TENSORS | {"W2": TENSORS["W2"] * np.float32("nan")}, described(), "W2 holds NaN or"),
        (TENSORS | {"b1": TENSORS["b1"] / np.float32("inf")}, described(image_shape=[0]), ""),
        (
            TENSORS | {"b1": np.array([0, -np.inf, 0], np.float32)},
            described(),
            "b1 holds NaN or infinite",
        ),
        (
            TENSORS | {"W2": np.ones((5, 2), np.float32)},
            described(layers=[LAYERS[0], LAYERS[1] | {"n_in": 5}]),
            "layer 2",
        ),
        (TENSORS, described(layers=[LAYERS[0], LAYERS[1] | {"activation": "relu"}]), "identity"),
        (TENSORS, described(image_shape=[3, 3]), "3"),
        (TENSORS, described(format=0), "format 0"),
        (
            TENSORS,
            {"glassnet": json.dumps(DESCRIPTION).replace('"n_in": 4', '"n_in": 1e999')},
            "description",
        ),
        (TENSORS, metadata(members=[]), "needs at least one member, got none"),
        (TENSORS, metadata(members=None), "description"),
        (TENSORS, metadata(members={"preprocess": "plain"}), "description"),
        (TENSORS, metadata(members=[MEMBER, MEMBER]), "needs 1/W1, 1/b1, 1/W2, 1/b2, 2/W1"),
        (TWO, member(), "needs W1, b1, W2, b2, got 1/W1"),
        (
            {"a\nb": TENSORS["b1"]},
            member(),
            "got a",
        ),
        (TENSORS, member(layers=[]), "at least one layer"),
        (TENSORS, member(preprocess="slanted"), "needs plain, deskew"),
        (TENSORS, member(preprocess="width-3"), "needs images at least 3 pixels wide, got 2"),
        (
            TENSORS,
            metadata(image_shape=None, members=[MEMBER | {"preprocess": "deskew"}]),
            "height and",
        ),
        (TENSORS, member(dtype="int8"), "dtype: needs one of"),
        (TENSORS, member(dtype="\n"), "dtype: needs one of"),
        (TENSORS, member(stored="int4"), "got 'int4'"),
        (TENSORS, member(stored="float16"), "W1 needs float16, got float32"),
        (TENSORS, member(stored="int8"), "needs W1, scale1, b1, W2, scale2, b2"),
        (BYTES, member(), "got "),
        (BYTES | {"scale1": np.ones(3)}, member(stored="int8"), "scale1 needs float32"),
        (BYTES | {"scale2": np.ones(3, np.float32)}, member(stored="int8"), "scale2 needs shape"),
        (BYTES | {"W1": TENSORS["W1"]}, member(stored="int8"), "W1 needs int8, got float32"),
        (
            BYTES | {"scale1": np.full(3, np.inf, np.float32)},
            member(stored="int8"),
            "W1 holds NaN or infinite",
        ),
        (
            BYTES | {"scale1": np.full(3, 3e38, np.float32)},
            member(stored="int8"),
            "W1 holds NaN or infinite",
        ),
        (TENSORS, metadata(temperature=0), "temperature"),
        (TENSORS, metadata(temperature=1e99), "temperature"),
        (TENSORS, metadata(temperature=float("nan")), "temperature"),
        (TENSORS, metadata(temperature="warm"), "description"),
        (TENSORS, metadata(temperature=[1]), "description"),
        (TENSORS, metadata(threshold=1.5), "threshold"),
        (TENSORS, metadata(threshold=float("nan")), "threshold"),
        (TENSORS, metadata(classes=["0"]), "classes: need 2 different names"),
        (TENSORS, metadata(classes=["0", "0"]), "classes: need 2 different names"),
        (TENSORS, metadata(classes=[0, 1]), "classes: need 2 different names"),
        (TENSORS, metadata(classes=[["0"], {}]), "classes: need 2 different names"),
        (TENSORS, metadata(classes=None), "description"),
        (
            TWO | {"2/b2": np.full(2, np.nan, np.float32)},
            metadata(members=[MEMBER, MEMBER]),
            "2/b2 holds NaN or infinite",
        ),
        (
            {k: v for k, v in TWO.items() if k not in ("2/W2", "2/b2")}
            | {"2/W2": np.ones((3, 5), np.float32), "2/b2": np.ones(5, np.float32)},
            metadata(members=[MEMBER, MEMBER | {"layers": [LAYERS[0], LAYERS[1] | {"n_out": 5}]}]),
            "needs members of one size, got 4 -> 2 and 4 -> 5",
        ),
        (TENSORS, {"glassnet": "[" * 100_000}, ""),
    ],
)
def test_a_foreign_or_damaged_model_raises(
    tmp_path: Path, tensors: dict[str, Array], metadata: dict[str, str] | None, expected: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pack(tensors, metadata))
    assert expected in error_message(path)


@pytest.mark.parametrize(
    ("code", "stand_in"),
    [
        ("BF16", np.uint16),
        ("F8_E4M3", np.uint8),
        ("C64", np.int64),
        ("I16", np.int16),
    ],
)
def test_dtypes_that_numpy_lacks_raise(
    tmp_path: Path, code: str, stand_in: type[np.integer[Any]]
) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {name: np.zeros(theta.shape, stand_in) for name, theta in TENSORS.items()}
    path.write_bytes(pack(tensors, described(), code))
    error_message(path)


def test_a_missing_model_file_raises(tmp_path: Path) -> None:
    assert "found none" in error_message(tmp_path / "nothing.safetensors")
    with pytest.raises(ModelFileError, match="found none") as raised:
        gn.load(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_a_failed_write_leaves_the_old_file_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    net = network([4, 3, 2])
    gn.save(net, path)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    net.params["W1"] += 1
    with pytest.raises(GlassnetError, match="No space left on device") as raised:
        gn.save(net, path)
    assert str(raised.value).startswith(f"{path}: cannot be written")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.safetensors"]


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="no longer floats here")
def test_float_dtypes_that_the_format_lacks_raise(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError):
        gn.save(network([4, 2], dtype=np.longdouble), tmp_path / "m")
