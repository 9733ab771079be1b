"""Which addresses stay on this machine, where nobody else can listen, and which are of the open internet."""

from ipaddress import ip_address


def is_loopback_host(host: str) -> bool:
    """Tells whether a host's name or address, without port and brackets, is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Tells whether an IP address is one of the open internet."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast
