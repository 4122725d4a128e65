"""Pure: what a task's containers do next."""
