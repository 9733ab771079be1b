"""What must be installed before a site can be set up, and the sentence that says what is missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which


@dataclass(frozen=True, slots=True)
class Need:
    """A program, by name, or a file, by its path; and the package of Debian that has it."""

    what: str
    package: str


WORDPRESS = (
    Need("/usr/share/wordpress/wp-load.php", "wordpress"),
    Need("/usr/share/wordpress/wp-content/themes/twentytwentythree", "wordpress-theme-twentytwentythree"),
    Need("php", "php-cli"),
    Need("/usr/share/doc/php-mysql", "php-mysql"),
    Need("/usr/sbin/mariadbd", "mariadb-server-core"),
    Need("mariadb-install-db", "mariadb-server-core"),
)
NODEBB = (
    Need("node", "nodejs"),
    Need("npm", "npm"),
    Need("redis-server", "redis-server"),
)


def missing(needs: Sequence[Need], there: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """Names the packages that have what is not there, each once."""
    found = there or _there
    return tuple(dict.fromkeys(need.package for need in needs if not found(need.what)))


def advice(site: str, packages: Sequence[str]) -> str:
    """Says why a site is skipped and what to do about it."""
    return f"{site} skipped: apt-get install --no-install-recommends {' '.join(packages)}"


def _there(what: str) -> bool:
    return Path(what).exists() if what.startswith("/") else which(what) is not None
