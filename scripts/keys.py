"""`make secrets`: certificates, passwords and keys for compose.yaml, each a file of var/secrets. Once."""

import os
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path
from textwrap import dedent

import click

HOSTS = ("kafka-1", "kafka-2", "kafka-3", "elasticsearch", "kibana", "postgres")
PASSWORDS = ("log", "state", "postgres", "elastic", "stages", "readers", "kibana")
ELASTIC_UID = 1000  # of the image elasticsearch, which takes its password from a file of mode 400 or 600 alone
DAYS = "825"  # what clients accept at most of a server's certificate


def main(folder: Path) -> None:
    """Makes what is missing, keeps what is there: a password once given to an engine is in its data."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # nobody else of this machine enters; the files are for the containers' users to read
    for name in PASSWORDS:
        _once(folder / f"{name}_password", lambda: secrets.token_urlsafe(24))
    for name in ("voice.key", "evidence.key"):
        _once(folder / name, lambda: secrets.token_hex(32))
    _certify(folder)
    _once(folder / "kafka_jaas.conf", lambda: _jaas(_read(folder, "log_password")))
    _once(folder / "kibana.yml", lambda: _kibana(_read(folder, "kibana_password")))
    _hand_over(folder / "elastic_password")
    click.echo(f"{folder}: {len(list(folder.iterdir()))} files; keep them, and keep them out of any repository")


def _certify(folder: Path) -> None:
    authority, key = folder / "ca.pem", folder / "ca.key"
    if not authority.exists():
        _openssl(folder, "wenfeng", authority, key, "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign")
        key.chmod(0o600)
    for host in HOSTS:
        certificate, private = folder / f"{host}.crt", folder / f"{host}.key"
        if not certificate.exists():
            names = f"subjectAltName=DNS:{host},DNS:localhost,IP:127.0.0.1"
            uses = ("basicConstraints=critical,CA:FALSE", names, "extendedKeyUsage=serverAuth,clientAuth")
            _openssl(folder, host, certificate, private, *uses, by=authority)
        _once(folder / f"{host}.pem", partial(_both, private, certificate))


def _both(key: Path, certificate: Path) -> str:
    return key.read_text() + certificate.read_text()


def _openssl(folder: Path, name: str, certificate: Path, key: Path, *extensions: str, by: Path | None = None) -> None:
    bare = folder / "openssl.cnf"
    bare.write_text("[req]\ndistinguished_name=name\n[name]\n")
    command = ["openssl", "req", "-x509", "-config", str(bare), "-newkey", "rsa:3072", "-nodes", "-days", DAYS]
    command += ["-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)]
    command += [word for extension in extensions for word in ("-addext", extension)]
    if by is not None:
        command += ["-CA", str(by), "-CAkey", str(by.with_suffix(".key"))]
    subprocess.run(command, check=True, capture_output=True)
    bare.unlink()
    for path in (certificate, key):
        path.chmod(0o444)


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        path.write_text(make(), "utf-8")
        path.chmod(0o444)


def _hand_over(path: Path) -> None:
    path.chmod(0o400)
    if os.geteuid() == 0:
        os.chown(path, ELASTIC_UID, ELASTIC_UID)
    elif os.geteuid() != ELASTIC_UID:
        click.echo(f"sudo chown {ELASTIC_UID} {path}: Elasticsearch reads it as that user and asks for mode 400")


def _jaas(password: str) -> str:
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return f'KafkaServer {{\n  {module} required user_wenfeng="{password}";\n}};\n'


def _kibana(password: str) -> str:
    key = urlsafe_b64encode(os.urandom(32)).decode()
    return dedent(f"""\
        server.host: 0.0.0.0
        server.ssl.enabled: true
        server.ssl.certificate: /run/secrets/kibana.crt
        server.ssl.key: /run/secrets/kibana.key
        elasticsearch.hosts: ["https://elasticsearch:9200"]
        elasticsearch.username: kibana_system
        elasticsearch.password: "{password}"
        elasticsearch.ssl.certificateAuthorities: ["/run/secrets/ca.pem"]
        xpack.encryptedSavedObjects.encryptionKey: "{key}"
        telemetry.enabled: false
        i18n.locale: zh-CN
    """)


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8").strip()


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["var/secrets"]))
