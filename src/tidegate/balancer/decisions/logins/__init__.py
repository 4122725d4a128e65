"""Logging users in with an OpenID Connect provider: what is asked of it, what of its answers is taken, and
what the user's browser keeps."""
