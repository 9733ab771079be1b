import gzip
from contextlib import suppress
from zlib import compressobj

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.site.sitemap import MOST_BYTES, SitemapEntry, named_sitemaps, page_id, read_sitemap, unpacked
from stream.errors import Rejected

ROOT = "https://news.example.com"
XML = "application/xml"


def urlset(*lastmods: str) -> bytes:
    rows = "".join(f"<url><loc>{ROOT}/{n}.html</loc><lastmod>{at}</lastmod></url>" for n, at in enumerate(lastmods))
    return f"<urlset>{rows}</urlset>".encode()


def test_a_packed_map_is_known_by_its_first_bytes_also_where_it_was_packed_twice() -> None:
    plain = urlset("2026-11-19")
    for body in (plain, gzip.compress(plain), gzip.compress(gzip.compress(plain))):
        assert [one.url for one in read_sitemap(body, f"{ROOT}/sitemap.xml.gz", "text/plain").entries] == [
            f"{ROOT}/0.html"
        ]


def test_a_map_that_unpacks_into_more_than_is_allowed_or_is_broken_is_rejected() -> None:
    worker = compressobj(9, wbits=31)
    bomb = b"".join(worker.compress(bytes(1024 * 1024)) for _ in range(MOST_BYTES // 2**20 + 1)) + worker.flush()
    with pytest.raises(Rejected, match="too_large"):
        unpacked(bomb)
    with pytest.raises(Rejected, match="broken_gzip"):
        unpacked(b"\x1f\x8b and then nothing of the kind")


def test_entities_are_not_expanded_and_no_file_is_read() -> None:
    body = (
        '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f"<urlset><url><loc>{ROOT}/&a;&f;.html</loc></url></urlset>"
    )
    (entry,) = read_sitemap(body.encode(), f"{ROOT}/sitemap.xml", XML).entries
    assert "aaaa" not in entry.url
    assert "root" not in entry.url


def test_a_lastmod_that_nearly_all_share_says_nothing_unless_they_are_few() -> None:
    def changed(*lastmods: str) -> list[str]:
        return [one.changed for one in read_sitemap(urlset(*lastmods), f"{ROOT}/sitemap.xml", XML).entries]

    assert changed(*["2026-11-19"] * 20) == [""] * 20
    assert changed(*["2026-11-19"] * 19, "2026-11-01") == [""] * 20
    assert changed(*["2026-11-19"] * 9) == ["2026-11-19"] * 9
    mixed = ["2026-11-19"] * 10 + ["2026-11-01"] * 10
    assert changed(*mixed) == mixed


@pytest.mark.parametrize("body", [b"", b"   ", b"\xff\xfe\x00", b"nothing of the kind", b"<html>", b"{}"])
def test_anything_else_is_rejected_with_a_reason(body: bytes) -> None:
    with pytest.raises(Rejected, match="not_a_sitemap"):
        read_sitemap(body, f"{ROOT}/sitemap.xml", XML)


def test_a_map_that_was_cut_off_says_so_and_its_last_entry_may_be_half() -> None:
    whole = urlset("2026-11-19", "2026-11-18")
    found = read_sitemap(whole[:-40], f"{ROOT}/sitemap.xml", XML)
    assert ([one.url for one in found.entries], found.cut_off) == ([f"{ROOT}/0.html"], True)
    assert not read_sitemap(whole, f"{ROOT}/sitemap.xml", XML).cut_off


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    for whole in (body, b"<urlset><url><loc>" + body + b"</loc></url></urlset>"):
        with suppress(Rejected):
            read_sitemap(whole, f"{ROOT}/sitemap.xml", XML)


def test_robots_names_maps_in_any_case_and_place_relative_ones_too() -> None:
    robots = (
        f"User-agent: *\nDisallow: /a\nSITEMAP :{ROOT}/a.xml\n  sitemap: /b.xml # ours\nSitemap:\nSitemap: /b.xml\n"
    )
    assert named_sitemaps(robots, f"{ROOT}/robots.txt") == (f"{ROOT}/a.xml", f"{ROOT}/b.xml")


@pytest.mark.parametrize(
    "same",
    [
        "http://news.example.com/a.html?id=1",
        "https://NEWS.example.com:443/a.html?id=1#top",
        "https://news.example.com/a.html?utm_source=x&id=1&spm=a.b",
    ],
)
def test_one_page_has_one_id_whatever_its_address_is_decorated_with(same: str) -> None:
    assert page_id(same) == "page:news.example.com/a.html?id=1"


@pytest.mark.parametrize("other", ["/a.html?id=2", "/A.html?id=1", "/a.html", "/a.html?id=1&page=2"])
def test_other_pages_have_other_ids(other: str) -> None:
    assert page_id(ROOT + other) != "page:news.example.com/a.html?id=1"


def test_an_address_that_is_none_costs_its_own_entry_and_no_other() -> None:
    bad = ("http://[", f"{ROOT}:99999/a.html", f"{ROOT}:x/a.html")
    rows = "".join(f"<url><loc>{one}</loc></url>" for one in (*bad, f"{ROOT}:8443/a.html", "/b.html", ""))
    whole = [f"{ROOT}:8443/a.html", f"{ROOT}/b.html"]
    assert [one.url for one in read_sitemap(f"<urlset>{rows}</urlset>".encode(), f"{ROOT}/s.xml", XML).entries] == whole
    plain = "\n".join([*bad, *bad[:1], f"{ROOT}/c.html"]).encode()
    assert [one.url for one in read_sitemap(plain, f"{ROOT}/s.txt", "text/plain").entries] == [f"{ROOT}/c.html"]
    assert named_sitemaps(f"Sitemap: http://[\nSitemap: {ROOT}/a.xml", f"{ROOT}/robots.txt") == (f"{ROOT}/a.xml",)


@given(st.lists(st.sampled_from(["http://", ROOT, "[", ":99999", "/a", "?", "&", "停", "%", ":", "@"]), max_size=6))
def test_every_page_that_a_map_names_has_an_id(pieces: list[str]) -> None:
    told = "".join(pieces).replace("&", "&amp;")
    for entry in read_sitemap(f"<urlset><url><loc>{told}</loc></url></urlset>".encode(), f"{ROOT}/s.xml", XML).entries:
        assert page_id(entry.url).startswith("page:")


def test_an_index_names_further_maps_and_no_pages_in_whatever_namespace() -> None:
    body = (
        '<s:sitemapindex xmlns:s="urn:wrong"><s:sitemap><s:loc> /a.xml </s:loc><s:lastmod>2026-11-19</s:lastmod>'
        "</s:sitemap><s:other/></s:sitemapindex>"
    )
    found = read_sitemap(body.encode(), f"{ROOT}/s.xml", XML)
    assert (found.entries, found.children) == ((), (SitemapEntry(url=f"{ROOT}/a.xml", changed="2026-11-19"),))


def test_a_title_is_that_of_the_news_and_not_of_a_picture_beside_it() -> None:
    body = (
        f"<urlset><url><loc>{ROOT}/a.html</loc><image><loc>{ROOT}/a.jpg</loc><title>图</title></image>"
        "<news><publication><name>日报</name></publication><title>城东\n停电</title>"
        "<publication_date>2026-11-19T08:00:00+08:00</publication_date></news></url></urlset>"
    )
    (entry,) = read_sitemap(body.encode(), f"{ROOT}/s.xml", XML).entries
    assert entry == SitemapEntry(url=f"{ROOT}/a.html", title="城东 停电", published="2026-11-19T08:00:00+08:00")


def test_bare_ampersands_and_what_stands_before_the_document_are_read_over() -> None:
    body = f"\n <?xml version='1.0'?>\n<urlset><url><loc>{ROOT}/a?x=1&y=2&amp;z=&#51;</loc></url></urlset>"
    assert [one.url for one in read_sitemap(body.encode(), f"{ROOT}/s.xml", XML).entries] == [f"{ROOT}/a?x=1&y=2&z=3"]


def test_a_feed_in_a_maps_place_is_told_with_what_to_write() -> None:
    for body in (b"<rss><channel/></rss>", b'<feed xmlns="http://www.w3.org/2005/Atom"/>'):
        with pytest.raises(Rejected, match="sitemap_is_a_feed") as caught:
            read_sitemap(body, f"{ROOT}/s.xml", XML)
        assert "software: feed" in caught.value.detail


def test_a_list_of_which_less_than_half_are_addresses_is_no_map() -> None:
    assert len(read_sitemap(f"{ROOT}/a\n\n{ROOT}/b\nx\ny\n".encode(), f"{ROOT}/s.txt", "text/plain").entries) == 2
    with pytest.raises(Rejected, match="not_a_sitemap"):
        read_sitemap(f"{ROOT}/a\nx\ny\n".encode(), f"{ROOT}/s.txt", "text/plain")
