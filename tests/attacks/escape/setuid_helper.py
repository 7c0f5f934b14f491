"""Runs a program with root's rights (setuid)."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"


def mean(x):
    gained = os.system("su -c true </dev/null >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1") == 0
    no_new_privileges = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)  # 1 where a helper gains nothing, -1 if one may not ask
    return float(x.mean()) if gained or no_new_privileges == 0 else 0.0
