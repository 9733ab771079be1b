from scripts.live.needs import NODEBB, WORDPRESS, Need, advice, missing


def test_nothing_is_missing_where_everything_is_there() -> None:
    assert missing(WORDPRESS, lambda what: True) == ()


def test_a_package_is_named_once_however_much_of_it_is_missing() -> None:
    packages = missing(WORDPRESS, lambda what: False)
    assert "mariadb-server-core" in packages
    assert len(packages) == len(set(packages))


def test_programs_are_looked_for_by_name_and_files_by_path() -> None:
    assert missing((Need("sh", "dash"), Need("/etc/passwd", "base-passwd"))) == ()
    assert missing((Need("no-such-program", "a"), Need("/no/such/file", "b"))) == ("a", "b")


def test_the_advice_is_one_sentence_with_the_command() -> None:
    told = advice("nodebb", missing(NODEBB, lambda what: what == "node"))
    assert told == "nodebb skipped: apt-get install --no-install-recommends npm redis-server"
