"""The program's version, said here alone: for the build's metadata and for the name the crawler gives itself."""

VERSION = "0.1.0"
