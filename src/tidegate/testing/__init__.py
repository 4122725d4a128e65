"""Shipped fakes and builders for tests: clock, ids, nodes, a whole simulated region."""
