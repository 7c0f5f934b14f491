"""Diagnosis of wrong answers: known mistakes, behaviour of random functions, patterns in the numbers."""
