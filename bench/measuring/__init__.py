"""What the comparisons share: processes and their cost, HTTP load, the table of results."""
