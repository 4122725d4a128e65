"""`bench/api`: the AWS APIs against moto server, in one run."""
