"""The only code that speaks to a Docker Engine (or Podman's compatible socket)."""
