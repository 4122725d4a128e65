"""`bench/balancer --check`: the product with all it does, against other load balancers that do the same."""
