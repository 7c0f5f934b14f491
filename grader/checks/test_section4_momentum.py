"""Section 4."""

import torch
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close, expect_value_error


@check("condition_number", points=3)
def test_values(student, reference):
    """A diagonal matrix has the ratio of its entries."""
    A = torch.diag(torch.tensor([1.0, 4.0], dtype=torch.float64))
    expect_close({"condition number": (student.condition_number(A), 4.0)})
