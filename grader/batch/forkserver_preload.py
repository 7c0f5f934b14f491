"""The fork server imports this module first: numpy, pytest and hypothesis, once for all processes. Linux only.

The garbage collector is off meanwhile, and never scans these modules in a forked process.
"""

import gc
import signal

from grader.sandbox.process.interpreter import prepare_imports

signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and then ends the server
gc.disable()
prepare_imports()

import grader.service.session  # noqa: E402, F401

gc.freeze()
gc.enable()
