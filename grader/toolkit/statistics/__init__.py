"""Tests of randomness, with bounds on how often a right answer fails them."""
