# `make demo` sets everything up on a fresh machine and plays the main job;
# `make test` sets up what is missing and passes the tests.
.PHONY: demo console e2e test check story simulate mutants coverage conformance clients lint bench

TIDEGATE := .venv/bin/tidegate
SEEDS ?= 100

demo:
	@scripts/setup runtime
	@scripts/console || echo "The web console could not be built: everything else goes on without it." >&2
	@$(TIDEGATE) demo $(ARGS)

# The web console, where `make demo` has not built it already.
console:
	@scripts/console

# Plays the console in a browser against the real product; leaves its pictures in var/console.
e2e:
	@scripts/setup development
	@scripts/console --check
	@scripts/system-packages browser
	@.venv/bin/pytest -q -m browser tests/system $(ARGS)

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

# boto3 1.34, 1.40, 1.42 and the newest against a real control; the first run fetches them.
clients:
	@scripts/setup development
	@.venv/bin/python scripts/clients $(ARGS)

# Every bench in turn, some minutes; docs/benchmarks.md tells how to read them.
bench:
	@scripts/setup development
	@for name in wire store scale api probes balancer rules access-log metrics logs; do echo "bench/$$name"; bench/$$name || exit 1; done
