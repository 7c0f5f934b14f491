# %% [markdown]
# # Section 4: red

# %%
import torch


# %%
def momentum_step(x: float) -> float:
    """Multiply by the red factor."""
    raise NotImplementedError


# %%
def jitter(generator: torch.Generator) -> float:
    """Draw a number between 0 and the red factor."""
    raise NotImplementedError
