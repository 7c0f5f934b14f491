"""Proofs of a course's checks: mistakes, variants, mutants, adversaries, thresholds."""
