"""Requests, connections and health checks as Application Load Balancers log them."""

from tidegate.balancer.decisions.access_log.raw import LoggedRequest, Request, read, read_long

__all__ = ["LoggedRequest", "Request", "read", "read_long"]
