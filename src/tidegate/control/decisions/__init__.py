"""Pure decisions: a snapshot and the time in, a plan with reasons out.

Nothing here reads a clock, chance, a store or the environment; a test checks it. Each module owns the
types of its snapshot and its plan; the controller of the same name fills one and commits the other.
"""
