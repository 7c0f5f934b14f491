"""What the server of a batch's processes imports before it forks any: torch, pytest and hypothesis, once for all of them.

Linux only. Nothing is looked through for garbage meanwhile, nor ever again in a process that is forked.
"""

import gc
import signal

from grader.sandbox.process.interpreter import prepare_imports

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever has started the server, and then ends it
gc.disable()
prepare_imports()

import grader.grading.session  # noqa: E402, F401

gc.freeze()
gc.enable()
