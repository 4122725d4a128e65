# `make demo` sets everything up on a fresh machine and plays the main job;
# `make test` sets up what is missing and passes the tests.
.PHONY: demo test check story simulate mutants coverage conformance lint bench

TIDEGATE := .venv/bin/tidegate
SEEDS ?= 100

demo:
	@scripts/setup runtime
	@$(TIDEGATE) demo $(ARGS)

test:
	@scripts/setup development
	@scripts/test $(ARGS)

# The fast part of `make test`: linters, types, import layers, and the tests that start no product.
check:
	@scripts/setup development
	@scripts/test --fast

story:
	@scripts/setup development
	@scripts/story $(ARGS)

simulate:
	@scripts/setup development
	@.venv/bin/python scripts/simulate --seeds $(SEEDS)

mutants:
	@scripts/setup development
	@.venv/bin/python scripts/mutants

lint:
	@scripts/setup development
	@scripts/test --lint

# Writes docs/coverage.md from the front ends.
coverage:
	@scripts/setup development
	@.venv/bin/python scripts/coverage

# What an Application Load Balancer does, row by row: the tests that prove it, or the document that refuses it.
conformance:
	@scripts/setup development
	@.venv/bin/python scripts/conformance $(ARGS)

# Every bench in turn, some minutes; docs/benchmarks.md tells how to read them.
bench:
	@scripts/setup development
	@for name in wire store scale api probes balancer rules access-log metrics logs; do echo "bench/$$name"; bench/$$name || exit 1; done
