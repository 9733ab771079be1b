"""Erasing removes, remembers, and survives being cut off halfway."""

from stream.engines import open_state_engine
from stream.responses.evidence import EvidenceKey, open_evidence
from stream.responses.store import open_responses
from stream.state.database import disposing, reading
from stream.state.tombstones import TombstoneRow
from tests.stream.broken import broken_at
from tests.stream.installation import Embedded
from tests.stream.responses.captured import captured
from tests.stream.scored import scored


def reasons(place: Embedded) -> dict[str, str]:
    with disposing(open_state_engine(place.config)) as engine, reading(engine) as session:
        return {row.post_id: row.reason for row in session.query(TombstoneRow)}


def test_an_erased_post_is_gone_from_the_index_and_noted_with_its_reason(place: Embedded) -> None:
    place.put(scored(1), scored(2))
    done = place.run("erase", scored(1).id, "--reason", "court order")
    assert done.stdout == "erased 1 of 1; all of them stay away\n"
    assert [post.native_id for post in place.held()] == ["pid:2"]
    assert reasons(place) == {scored(1).id: "court order"}


def test_a_post_that_was_never_indexed_is_kept_away_too(place: Embedded) -> None:
    done = place.run("erase", scored(1).id, scored(2).id)
    assert done.stdout == "erased 0 of 2; all of them stay away\n"
    place.publish(scored(1), scored(3))
    place.run("index", "--once")
    assert [post.native_id for post in place.held()] == ["pid:3"]


def test_an_id_that_nobody_has_is_told_by_name_and_by_the_exit_code(place: Embedded) -> None:
    place.put(scored(1))
    done = place.run("erase", scored(1).id, "NOPOST", "NOPOST")
    assert (done.exit_code, done.stdout) == (1, "erased 1 of 3; all of them stay away\n")
    assert done.stderr == "NOPOST: the index has no such post, and none was erased before: is the id right?\n"


def test_erasing_again_what_was_erased_is_no_failure(place: Embedded) -> None:
    place.put(scored(1))
    done = [place.run("erase", scored(1).id) for _ in range(2)]
    assert [(one.exit_code, one.stderr) for one in done] == [(0, ""), (0, "")]


def test_an_erasing_while_the_index_is_away_is_noted_for_later(place: Embedded) -> None:
    place.put(scored(1))
    place.write("index: http://127.0.0.1:1")
    assert place.run("erase", scored(1).id).exit_code != 0
    assert reasons(place) == {scored(1).id: "request"}
    place.write()
    place.run("upkeep", "--once")
    assert place.held() == []
    assert place.run("erase", scored(1).id).exit_code == 0


def test_erasing_again_keeps_the_first_reason(place: Embedded) -> None:
    place.put(scored(1))
    place.run("erase", scored(1).id, "--reason", "first")
    assert place.run("erase", scored(1).id, "--reason", "second").stdout.startswith("erased 0 of 1")
    assert reasons(place) == {scored(1).id: "first"}


def test_who_names_no_reason_is_noted_as_a_request(place: Embedded) -> None:
    place.run("erase", scored(1).id)
    assert reasons(place) == {scored(1).id: "request"}


def test_an_erasing_without_ids_is_refused(place: Embedded) -> None:
    assert place.run("erase").exit_code == 2


def test_what_an_erasing_that_was_cut_off_left_is_removed_by_upkeep(place: Embedded) -> None:
    place.put(scored(1), scored(2))
    with broken_at("erase.buried"):
        place.run("erase", scored(1).id)
    assert len(place.held()) == 2
    place.run("upkeep", "--once")
    assert place.run("erase", scored(1).id).exit_code == 0
    assert [post.native_id for post in place.held()] == ["pid:2"]


def test_an_erasing_cut_off_before_it_was_told_has_removed_everything(place: Embedded) -> None:
    place.put(scored(1))
    with broken_at("erase.removed"):
        place.run("erase", scored(1).id)
    assert place.held() == []
    again = place.run("erase", scored(1).id)
    assert (again.exit_code, again.stdout) == (0, "erased 0 of 1; all of them stay away\n")


def test_the_captured_pages_that_show_an_erased_post_go_with_it_claimed_ones_too(place: Embedded) -> None:
    responses, evidence, key = open_responses(place.config), open_evidence(place.config), EvidenceKey(bytes(32))
    shown, other = captured(scored(1).id, scored(2).id), captured(scored(3).id, body=b"other")
    for one in (shown, other):
        responses.write(one)
        evidence.seal(1, one, key)
    evidence.seal(2, shown, key)
    place.put(scored(1))
    told = place.run("erase", scored(1).id).stdout
    assert told == (
        "erased 1 of 1; all of them stay away\nremoved 3 captured answers of sites that showed them, claimed ones too\n"
    )
    assert list(responses.showing([scored(number).id for number in (1, 2, 3)])) == [other]
    assert [page.digest for case in (1, 2) for page in evidence.pages(case)] == [other.digest]
