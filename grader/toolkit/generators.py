"""Random generators as they travel: those of torch, and those that `np.random.default_rng(seed)` makes."""

from typing import Any

import numpy as np

from grader.toolkit.lazy_torch import torch

_NUMPY_BYTES = (
    52  # state and increment, 16 each; whether half a draw is left, and it, 4 each; the seed, 12. Torch's is longer.
)
_UNKNOWN_SEED = (1 << 96) - 1


def is_generator(value: Any) -> bool:
    """Whether a value is a random generator of torch or of numpy."""
    return isinstance(value, (np.random.Generator, torch.Generator))  # quicker than a union


def state_of(generator: "torch.Generator | np.random.Generator") -> np.ndarray:
    """The state as bytes. Raises TypeError for a generator of numpy of another kind than `default_rng` makes."""
    if isinstance(generator, torch.Generator):
        return generator.get_state().numpy()
    source = generator.bit_generator
    if not isinstance(source, np.random.PCG64):
        name = type(source).__name__
        raise TypeError(f"a generator of kind {name} cannot be passed to a submission: use np.random.default_rng(seed)")
    state: Any = source.state
    numbers = (state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"], _seed(generator))
    sizes = (16, 16, 4, 4, 12)
    data = b"".join(int(number).to_bytes(size, "little") for number, size in zip(numbers, sizes, strict=True))
    return np.frombuffer(data, np.uint8).copy()


def generator_of(state: np.ndarray) -> "torch.Generator | np.random.Generator":
    """The generator in a state that `state_of` gave."""
    if state.size != _NUMPY_BYTES:
        made = torch.Generator()
        made.set_state(torch.from_numpy(state.copy()))
        return made
    data = state.tobytes()
    seed = int.from_bytes(data[40:], "little")
    source = np.random.PCG64(seed)
    numbers: Any = {"state": int.from_bytes(data[:16], "little"), "inc": int.from_bytes(data[16:32], "little")}
    left = int.from_bytes(data[36:40], "little")
    source.state = {"bit_generator": "PCG64", "state": numbers, "has_uint32": data[32] & 1, "uinteger": left}
    return np.random.Generator(source)


def is_state_of_numpy(state: Any) -> bool:
    """Whether bytes from a worker can be the state of a generator of numpy: any bytes of this number are safe."""
    return isinstance(state, np.ndarray) and state.dtype == np.uint8 and state.shape == (_NUMPY_BYTES,)


def code_of(generator: "torch.Generator | np.random.Generator") -> str:
    """The code that makes a generator."""
    if isinstance(generator, torch.Generator):
        seed = generator.initial_seed()
        fresh, code = torch.Generator().manual_seed(seed), f"torch.Generator().manual_seed({seed})"
        moved = not torch.equal(fresh.get_state(), generator.get_state())
    else:
        seed = _seed(generator)
        if seed == _UNKNOWN_SEED:
            return "a random generator of numpy"
        code = f"np.random.default_rng({seed})"
        moved = not np.array_equal(state_of(np.random.default_rng(seed)), state_of(generator))
    return f"{code}, after some draws" if moved else code


def _seed(generator: np.random.Generator) -> int:
    entropy = getattr(getattr(generator.bit_generator, "seed_seq", None), "entropy", None)
    return entropy if isinstance(entropy, int) and 0 <= entropy < _UNKNOWN_SEED else _UNKNOWN_SEED
