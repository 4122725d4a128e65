"""The endpoints, one module each family."""
