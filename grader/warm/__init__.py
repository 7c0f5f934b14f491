"""A process that stays after a grading in a terminal, so that the next one need not import torch. Linux only."""
