"""Which mailbox is written to, and what is kept of answers: nothing is guessed, and an old answer says that it is old."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from annuaire_world import NOW, Peer, annuaire, bundle, mailbox, person, structure

from dui_bridge.connectors.annuaire.choose import choose
from dui_bridge.connectors.annuaire.entries import Found, Mailbox, Owner, Structure, Wanted
from dui_bridge.connectors.annuaire.errors import KeyRefused, SearchMalformed, SearchTooWide, Unanswered
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings, Kind

RPPS = Wanted(rpps="10998011018")
FURAN, CSAPA = Structure(("420000069",), "FURAN"), Structure(("420000028",), "CSAPA")


def box(address: str, kind: Kind | None = Kind.PER, **more: object) -> Mailbox:
    return Mailbox(f"{address}@x.mssante.fr", Owner.PERSON, kind, "LEA MARTIN", "10998011018", "MARTIN", "LEA", **more)


def told(found: Found, **options: object) -> tuple[str | None, list[str]]:
    choice = choose(found, **options)
    return choice.mailbox and choice.mailbox.address.partition("@")[0], [one.rule.id for one in choice.findings]


def found(*mailboxes: Mailbox, wanted: Wanted = RPPS, owners: int = 1, **more: object) -> Found:
    return Found(wanted, NOW, mailboxes, owners, **more)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (found(box("a")), ("a", [])),
        (found(owners=0), (None, ["ANN-101"])),
        (found(), (None, ["ANN-102"])),
        (found(box("a"), box("b")), (None, ["ANN-104"])),
        (found(box("a", rank=2), box("b", rank=1), box("c")), ("b", [])),
        (found(box("a", rank=1), box("b", rank=1)), (None, ["ANN-104"])),
        (found(box("a"), box("b", Kind.CAB)), ("a", [])),
        (found(box("a"), box("b", None)), ("a", [])),
        (found(box("a"), box("b", active=False)), ("a", ["ANN-105"])),
        (found(box("a", red_list=True)), (None, ["ANN-102", "ANN-105"])),
        (found(box("a"), owners=2), (None, ["ANN-103"])),
        (found(box("a"), complete=False), (None, ["ANN-107"])),
        (found(box("a"), stale=True), ("a", ["ANN-106"])),
        (found(box("a", digitization=False)), ("a", ["ANN-108"])),
        (found(box("a"), wanted=Wanted(family="Martin")), ("a", [])),
        (found(box("a"), wanted=Wanted(family="Mart")), (None, ["ANN-109"])),
        (found(box("a"), wanted=Wanted(family="Martin", given="Léa")), ("a", [])),
        (
            found(
                box("a", structures=(FURAN, CSAPA)),
                box("b", structures=(FURAN,), bound=True),
                wanted=Wanted(rpps="10998011018", finess="420000069"),
            ),
            ("b", []),
        ),
    ],
)
def test_one_mailbox_is_chosen_or_the_reason_is_told(answer: Found, expected: tuple[str | None, list[str]]) -> None:
    assert told(answer) == expected


def test_a_mailbox_that_a_mail_came_back_from_is_not_chosen_again() -> None:
    answer = found(box("a"), box("b"))

    assert told(answer, suspect={"a@x.mssante.fr"}) == ("b", ["ANN-105"])


def test_the_site_says_which_kind_comes_first_and_which_never() -> None:
    answer = found(box("a"), box("b", Kind.CAB))

    assert told(answer, settings=AnnuaireSettings(prefer=(Kind.CAB,))) == ("b", ["ANN-105"])


def test_a_homonym_without_a_mailbox_makes_a_name_ambiguous(tmp_path: Path) -> None:
    both = [person("1", "NOYER", "LUCIE", mailbox("l@x.mssante.fr", "PER")), person("2", "NOYER", "LUCIE")]
    answer = annuaire(Peer([bundle(*both), bundle()]), tmp_path).mailboxes(Wanted(family="Noyer", given="Lucie"))

    assert told(answer) == (None, ["ANN-103"])


def test_a_person_with_two_professions_is_one_person(tmp_path: Path) -> None:
    twice = [person("10998011018", "A", "B", mailbox("a@x.mssante.fr", "PER"), id=number) for number in ("x", "y")]
    answer = annuaire(Peer([bundle(*twice), bundle()]), tmp_path).mailboxes(RPPS)

    assert (len(answer.mailboxes), told(answer)) == (1, ("a", []))


def test_who_left_a_structure_is_not_found_there(tmp_path: Path) -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/p10998011018"},
            "organization": {"reference": "Organization/o420000069"}, "active": False}  # fmt: skip
    doctor = person("10998011018", "A", "B", mailbox("a@x.mssante.fr", "PER"))
    there = bundle(role, included=(structure("420000069", "FURAN"),))
    wanted = Wanted(rpps="10998011018", finess="420000069")

    assert told(annuaire(Peer([bundle(doctor), there]), tmp_path).mailboxes(wanted)) == (None, ["ANN-101"])


def test_what_the_service_answers_too_much_is_left_out(tmp_path: Path) -> None:
    """A service that passes over a parameter answers everybody."""
    everybody = [person("10998011018", "A", "B", mailbox("a@x.mssante.fr", "PER")), person("10998011026", "C", "D")]
    answer = annuaire(Peer([bundle(*everybody), bundle()]), tmp_path).mailboxes(RPPS)

    assert ([one.address for one in answer.mailboxes], answer.owners) == (["a@x.mssante.fr"], 1)


def test_a_recent_answer_is_used_again_and_an_older_one_asked_again(tmp_path: Path) -> None:
    peer = Peer([bundle(structure("420000028", "CSAPA", mailbox("c@x.mssante.fr", "ORG")))])
    wanted, times = Wanted(finess="420000028"), [NOW]
    directory = annuaire(peer, tmp_path, lambda: times[-1])
    first = directory.mailboxes(wanted)

    times.append(NOW + timedelta(days=7))
    assert (directory.mailboxes(wanted), len(peer.requests)) == (first, 1)
    assert directory.mailboxes(wanted, ask=True).asked_at == times[-1]
    times.append(NOW + timedelta(days=15))
    assert (directory.mailboxes(wanted).asked_at, len(peer.requests)) == (times[-1], 3)


@pytest.mark.parametrize(("days", "is_kept"), [(8, True), (30, True), (31, False)])
def test_an_older_answer_counts_only_when_nothing_answers_and_says_that_it_is_old(
    tmp_path: Path, days: int, is_kept: bool
) -> None:
    wanted, later = Wanted(finess="420000028"), NOW + timedelta(days=days)
    annuaire(Peer([bundle(structure("420000028", "CSAPA"))]), tmp_path).mailboxes(wanted)
    down = annuaire(Peer([httpx.ConnectError("down")]), tmp_path, lambda: later)

    if is_kept:
        answer = down.mailboxes(wanted)
        assert (answer.stale, answer.age(later)) == (True, timedelta(days=days))
    else:
        with pytest.raises(Unanswered):
            down.mailboxes(wanted)


def test_a_refused_key_is_not_hidden_by_an_old_answer(tmp_path: Path) -> None:
    wanted = Wanted(finess="420000028")
    annuaire(Peer([bundle()]), tmp_path).mailboxes(wanted)

    with pytest.raises(KeyRefused):
        annuaire(Peer([httpx.Response(401)]), tmp_path).mailboxes(wanted, ask=True)


def test_kept_answers_are_for_the_bridge_alone_and_a_damaged_one_is_asked_again(tmp_path: Path) -> None:
    folder, wanted = tmp_path / "annuaire", Wanted(finess="420000028")
    peer = Peer([bundle()])
    annuaire(peer, folder).mailboxes(wanted)
    (file,) = folder.iterdir()

    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    assert "420000028" not in file.name
    file.write_text(file.read_text().replace("420000028", "pas un FINESS"))
    annuaire(peer, folder).mailboxes(wanted)
    assert len(peer.requests) == 2


def test_refreshing_names_the_mailboxes_that_went_and_came_and_stops_when_nothing_answers(tmp_path: Path) -> None:
    def csapa(*addresses: str) -> httpx.Response:
        return bundle(structure("420000028", "CSAPA", *(mailbox(f"{one}@x.mssante.fr", "ORG") for one in addresses)))

    annuaire(Peer([csapa("a", "b")]), tmp_path).mailboxes(Wanted(finess="420000028"))
    ((one,), stopped) = annuaire(Peer([csapa("b", "c")]), tmp_path).refresh()
    assert (one.gone, one.new, stopped) == (("a@x.mssante.fr",), ("c@x.mssante.fr",), None)

    done, stopped = annuaire(Peer([httpx.ConnectError("down")]), tmp_path).refresh()
    assert (done, type(stopped)) == ([], Unanswered)


def test_refreshing_asks_again_only_what_is_old_enough(tmp_path: Path) -> None:
    peer = Peer([bundle()])
    annuaire(peer, tmp_path).mailboxes(RPPS)
    annuaire(peer, tmp_path, lambda: NOW + timedelta(days=3)).refresh(timedelta(days=4))

    assert len(peer.requests) == 1


def test_what_is_too_old_is_removed(tmp_path: Path) -> None:
    annuaire(Peer([bundle()]), tmp_path).mailboxes(RPPS)

    def later() -> datetime:
        return NOW + timedelta(days=31)

    assert annuaire(Peer([bundle()]), tmp_path, later).refresh() == ([], None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"rpps": "810998011018"},
        {"rpps": "1099801101٣"},
        {"finess": "42000002"},
        {"family": "A", "postal_code": "2A000"},
        {"family": "MARTIN\n"},
        {"family": "A" * 101},
        {"address": "sans arobase"},
        {"family": "A", "profession": "10,21"},
    ],
)
def test_a_criterion_of_another_form_is_never_asked(wanted: dict[str, str]) -> None:
    with pytest.raises(SearchMalformed):
        Wanted(**wanted)


@pytest.mark.parametrize("wanted", [{}, {"given": "LEA"}, {"city": "PARIS"}, {"profession": "10"}])
def test_a_search_that_fits_half_the_country_is_never_made(wanted: dict[str, str]) -> None:
    with pytest.raises(SearchTooWide):
        Wanted(**wanted)
