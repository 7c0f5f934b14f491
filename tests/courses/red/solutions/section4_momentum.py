# %% [markdown]
# # Section 4: red

# %%
import torch


# %%
def momentum_step(x: float) -> float:
    """Multiply by the red factor."""
    ### BEGIN SOLUTION
    return 2.0 * x
    ### END SOLUTION


# %%
def jitter(generator: torch.Generator) -> float:
    """Draw a number between 0 and the red factor."""
    ### BEGIN SOLUTION
    return 2.0 * float(torch.rand((), generator=generator))
    ### END SOLUTION
