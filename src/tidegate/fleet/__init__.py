"""The contract with nodes: agent messages, balancer documents and reports, host documents."""
