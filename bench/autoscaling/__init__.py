"""Closed-loop runs of autoscaling: real load, real metrics, and the curve that comes of it."""
