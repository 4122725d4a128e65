"""`bench/balancer`: the product's HAProxy against a bare one, and the cost of one target's change."""
