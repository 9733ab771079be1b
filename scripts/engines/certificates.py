"""A certificate of our own for a server on the loopback."""

import subprocess
from pathlib import Path


def certify(folder: Path) -> None:
    """Makes private.pem and cert.pem, which is its own authority, for localhost and 127.0.0.1."""
    key, certificate = folder / "private.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    key.chmod(0o600)
