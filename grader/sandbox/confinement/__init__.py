"""The kernel's layers around a worker, except its control group: `process/cgroup.py` makes that."""
