"""Amazon ECS services behind an Application Load Balancer, on your own machines."""

__version__ = "0.1.0"
