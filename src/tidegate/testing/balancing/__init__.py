"""What tests of the balancer share: targets that record, certificates, a balancer with its HAProxy."""
