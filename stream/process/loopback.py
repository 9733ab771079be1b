"""What stays on this machine: there nobody else can listen."""

from ipaddress import ip_address


def is_loopback_host(host: str) -> bool:
    """Tells whether a host's name or address, without port and brackets, is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
