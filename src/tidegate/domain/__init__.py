"""The nouns all processes share: frozen dataclasses, ARNs, lifecycles as tables; standard library only."""
