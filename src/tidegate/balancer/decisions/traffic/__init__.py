"""From HAProxy's lines and counters to the samples of AWS/ApplicationELB."""
