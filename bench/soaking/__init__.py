"""A load balancer under mixed load for minutes, while its targets, rules, weights and certificates change."""
