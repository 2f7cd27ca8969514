"""A server on this machine that speaks all six citation services and misbehaves on demand.

`Server(Store(...))` runs in a thread; `python -m tests.citations.server --port N` is a process of its own.
"""

from .faults import Fault
from .http import Server
from .store import Store, Study

__all__ = ["Fault", "Server", "Store", "Study"]
