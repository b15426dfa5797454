"""NumPy arrays and scalars as `.npy`, which numpy reads without unpickling."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


class Arrays:
    """Arrays of everything but Python objects."""

    name = "npy"

    def takes(self, value: Any) -> bool:
        """Whether it is an array; not a matrix or a masked one, which are more."""
        numpy = sys.modules.get("numpy")
        return numpy is not None and type(value) is numpy.ndarray

    def write(self, value: Any, path: Path) -> None:
        """Write it; a ValueError tells that it holds objects."""
        import numpy as np  # noqa: PLC0415 - costs as much as all of wfnb

        if value.dtype.metadata:
            raise ValueError("its dtype has metadata, which .npy does not keep")
        with path.open("wb") as file:
            np.save(file, value, allow_pickle=False)

    def read(self, path: Path) -> Any:
        """Read it."""
        import numpy as np  # noqa: PLC0415

        return np.load(path, allow_pickle=False)


class Scalars:
    """NumPy's numbers, such as the sum of a column."""

    name = "npy-scalar"

    def takes(self, value: Any) -> bool:
        """Whether it is one."""
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(value, numpy.generic) and type(value).__module__ == "numpy"

    def write(self, value: Any, path: Path) -> None:
        """Write it as an array without dimensions."""
        import numpy as np  # noqa: PLC0415

        with path.open("wb") as file:
            np.save(file, np.asarray(value), allow_pickle=False)

    def read(self, path: Path) -> Any:
        """Read it."""
        import numpy as np  # noqa: PLC0415

        return np.load(path, allow_pickle=False)[()]
