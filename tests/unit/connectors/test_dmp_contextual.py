"""The addresses by which a professional comes from a dossier straight to the DMP of the person."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import html

from dui_bridge.connectors.dmp.contextual import (
    SHOWN,
    WITH_OR_WITHOUT,
    WITHOUT_INS,
    Opened,
    Page,
    air_form,
    air_settings,
    card_url,
    form_page,
)
from dui_bridge.connectors.dmp.contextual_settings import WebSettings
from dui_bridge.connectors.dmp.errors import AddressOfOtherProfile, InsNotQualified, NotAllowed, WebUnknown
from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.profile import Profile

INS = QualifiedIns("279035121518989", "1.2.250.1.213.1.4.10")
BASE = "https://web-ps.example"
AIR = {"assertion_field": "vihf", "target_field": "page"}
NURSE = Caller(
    Mode.RENFORCEE,
    "899700000017",
    "GARANCE Élodie",
    "1990000001",
    "SA25",
    (Role("60", "1.2.250.1.71.1.2.7", "Infirmier"),),
    "MobileTwoFactorUnregistered",
    datetime(2026, 11, 22, 8, tzinfo=UTC),
)
SOCIAL_WORKER = replace(NURSE, roles=(Role("41", "1.2.250.1.213.1.6.1.4", "Assistant de service social"),))


def settings(**given: object) -> WebSettings:
    return WebSettings.model_validate({"base": BASE, "air": AIR, **given})


def card(page: Page, ins: QualifiedIns | None = INS, **given: object) -> Opened:
    return card_url(settings(**given), Profile.QUALIFICATION, page, ins)


def air(page: Page = Page.DOCUMENTS, caller: Caller = NURSE, **given: object) -> Opened:
    return air_form(settings(**given), Profile.QUALIFICATION, page, caller, b"<Assertion>\xc3\xa9</Assertion>", INS)


@pytest.mark.parametrize(
    ("page", "path"),
    [
        (Page.TABLEAU_DE_BORD, "TableauDeBord/279035121518989"),
        (Page.DOSSIER_PATIENT, "DossierPatient/279035121518989"),
        (Page.GESTION, "GestionDMPPatient/279035121518989"),
        (Page.DOCUMENTS, "Documents/279035121518989"),
        (Page.PARCOURS_DE_SOINS, "ParcoursDeSoins/279035121518989"),
        (Page.HISTORIQUE, "HistoriqueAcces/279035121518989"),
        (Page.PARAMETRAGES, "Parametrages"),
        (Page.VOLONTES_ET_DROITS, "VolontesEtDroits/279035121518989"),
        (Page.VACCINATION, "CarnetVaccination/279035121518989"),
    ],
)
def test_each_page_has_the_address_that_the_dmp_publishes(page: Page, path: str) -> None:
    assert card(page) == Opened("GET", f"{BASE}/AccesDirect/{path}")
    assert card(page, base=f"{BASE}/").url == f"{BASE}/AccesDirect/{path}"


@pytest.mark.parametrize("page", list(Page))
def test_a_page_about_a_person_is_not_opened_without_an_ins_that_may_leave(page: Page) -> None:
    if page in WITHOUT_INS | WITH_OR_WITHOUT:
        assert card(page, None).url == f"{BASE}/AccesDirect/{page}"
    else:
        with pytest.raises(InsNotQualified):
            card(page, None)


@pytest.mark.parametrize(
    ("base", "profile"),
    [
        ("http://web-ps.example", Profile.PRODUCTION),
        ("https://web-ps.example", Profile.SANDBOX),
        ("https://localhost:8443", Profile.PRODUCTION),
        ("https://user@web-ps.example", Profile.PRODUCTION),
        ("https://web-ps.example/?a=", Profile.PRODUCTION),
        ("https://web-ps.example/#a", Profile.PRODUCTION),
        ("https://", Profile.PRODUCTION),
        ("https://[::1", Profile.SANDBOX),
    ],
)
def test_an_ins_goes_only_where_the_profile_may_go_and_by_https(base: str, profile: Profile) -> None:
    with pytest.raises(AddressOfOtherProfile):
        card_url(settings(base=base), profile, Page.DOCUMENTS, INS)


def test_neither_the_address_nor_the_form_is_shown_by_accident() -> None:
    assert "279035121518989" not in repr(card(Page.DOCUMENTS)) + repr(air())


def test_in_air_a_form_brings_the_assertion_and_the_page() -> None:
    opened = air()
    assert (opened.method, opened.url) == ("POST", f"{BASE}/AccesDirect/Documents/{INS.matricule}")
    fields = dict(opened.fields)
    assert b64decode(fields["vihf"]) == "<Assertion>é</Assertion>".encode()
    assert fields["page"] == opened.url


@pytest.mark.parametrize(
    ("form", "url", "fields"),
    [
        (
            {"assertion_field": "a", "encoding": "plain", "address": f"{BASE}/sso"},
            f"{BASE}/sso",
            (("a", "<Assertion>é</Assertion>"),),
        ),
        (
            {"assertion_field": "a", "encoding": "base64url"},
            f"{BASE}/AccesDirect/Documents/{INS.matricule}",
            (("a", "PEFzc2VydGlvbj7DqTwvQXNzZXJ0aW9uPg"),),
        ),
    ],
)
def test_the_form_is_as_the_site_says(form: dict[str, str], url: str, fields: tuple[tuple[str, str], ...]) -> None:
    assert air(air=form) == Opened("POST", url, fields)


@pytest.mark.parametrize(
    ("caller", "page", "given", "error"),
    [
        (replace(NURSE, mode=Mode.INDIRECTE), Page.TABLEAU_DE_BORD, {}, NotAllowed),
        (SOCIAL_WORKER, Page.DOCUMENTS, {}, NotAllowed),
        (NURSE, Page.DOCUMENTS, {"air": None}, WebUnknown),
        (NURSE, Page.DOCUMENTS, {"base": None}, WebUnknown),
        (NURSE, Page.DOCUMENTS, {"air": {**AIR, "address": "http://web-ps.example"}}, AddressOfOtherProfile),
    ],
)
def test_no_form_for_who_may_not_see_the_page_nor_to_an_address_that_is_not_known(
    caller: Caller, page: Page, given: dict[str, object], error: type[DuiBridgeError]
) -> None:
    with pytest.raises(error):
        air(page, caller, **given)


def test_documents_are_seen_by_who_may_search_them() -> None:
    assert {page for page in Page if SHOWN[page] is Transaction.EXISTS} == {Page.TABLEAU_DE_BORD, Page.PARAMETRAGES}
    assert air(Page.TABLEAU_DE_BORD, SOCIAL_WORKER).method == "POST"


def test_a_form_is_a_page_that_says_what_it_was_given_whatever_it_holds() -> None:
    (form,) = html.fromstring(form_page(Opened("POST", 'https://a.example/?x="&y', (("a<", "é'\"&<"),)))).forms
    assert (form.method, form.action, dict(form.fields)) == ("POST", 'https://a.example/?x="&y', {"a<": "é'\"&<"})


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"air": None}, WebUnknown),
        ({"base": None}, WebUnknown),
        ({"base": "http://web-ps.example"}, AddressOfOtherProfile),
        ({"air": {**AIR, "address": "https://localhost/air"}}, AddressOfOtherProfile),
    ],
)
def test_what_is_wrong_with_the_site_is_known_before_anybody_signs_in(
    given: dict[str, object], kind: type[DuiBridgeError]
) -> None:
    with pytest.raises(kind):
        air_settings(settings(**given), Profile.QUALIFICATION)
