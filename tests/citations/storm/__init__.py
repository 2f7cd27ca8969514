"""A trial of the refresh for real: worker, scheduler, broker and database as processes of their own, against the
misbehaving services on this machine, killed in between. `bench/citations_storm.py` runs it at full size, a test at a
small one.
"""

from .expected import Population
from .trial import Figures, Trial, Weather, broken_invariants

__all__ = ["Figures", "Population", "Trial", "Weather", "broken_invariants"]
