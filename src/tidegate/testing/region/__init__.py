"""A whole region in one process, on a clock that jumps: real store, real controllers and driver, fake nodes.

Theory of operation. A seed chooses everything: what users ask for, what breaks, when news arrives. Each
step moves the clock, lets users and faults act, lets agents and balancers do a piece of their work and
report it (some reports are lost, late, repeated or out of order), and lets the driver run all passes
that are due. Control may be killed at any commit, before or after it reached the disk; everything in its
memory is then gone and a new one loads what was kept. Invariants are checked on every commit and after
every step. At the end everything heals, and the region must come to rest: steady state, and a second
look at every key that changes nothing.

The fakes do what their originals do at the same places: an agent starts a task once and remembers it,
a balancer keeps its last documents, sends requests by them and never asks control before it does.
"""

from tidegate.testing.region.region import Region, SimulationFault

__all__ = ["Region", "SimulationFault"]
