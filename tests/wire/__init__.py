"""The wire's tests: a package, since other folders have test files of the same names."""
