"""`tidegate top`: what services, targets and load balancers do, seen through AWS's APIs alone."""
