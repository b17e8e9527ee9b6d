"""The INSi lexicon: what says the same is written otherwise, everything else is refused, nothing is taken away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.findings import Rule
from dui_bridge.ins import rules
from dui_bridge.ins.compare import comparable
from dui_bridge.ins.lexicon import sendable

# The expression of a client that the real service accepted.
INSI = re.compile(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*")
NAMES = st.text(st.sampled_from("AéÉïçŒæœ -'’–  zZ1?.ß("), max_size=12) | st.text(max_size=12)


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ("Dupont", "DUPONT"),
        ("Béraud-Müller", "BERAUD-MULLER"),
        ("D’ÆION", "D'AEION"),
        ("CŒUR", "COEUR"),
        ("L‘Hérault", "L'HERAULT"),
        ("Jean‑Pierre", "JEAN-PIERRE"),
        ("JEAN\u00a0LUC", "JEAN LUC"),
        (" Martin  Durand ", "MARTIN DURAND"),
        ("Ne\u0301e", "NEE"),
        ("Nguyễn", "NGUYEN"),
    ],
)
def test_what_says_the_same_is_transliterated(held: str, sent: str) -> None:
    tried = sendable(held, birth_name=False)
    assert (tried.text, tried.refusal, tried.original) == (sent, None, held)


@pytest.mark.parametrize(
    ("held", "rule", "refused"),
    [
        ("DUPONT 2", rules.NAME_DIGITS, "2"),
        ("DUPONT²", rules.NAME_DIGITS, "²"),
        ("ST. MARTIN", rules.NAME_CHARACTERS, "."),
        ("DUPONT (MARTIN)", rules.NAME_CHARACTERS, "()"),
        ("STRAßE", rules.NAME_CHARACTERS, "ß"),
        ("ŁUKASZ", rules.NAME_CHARACTERS, "Ł"),
        ("ИВАН", rules.NAME_CHARACTERS, "ИВАН"),
        ("Ga?tan", rules.NAME_DAMAGED, "?"),
        ("Gaï¿½tan\ufffd", rules.NAME_DAMAGED, "¿½\ufffd"),
        ("BÃ©raud", rules.NAME_DAMAGED, "©"),
        ("-DUPONT", rules.NAME_FORM, ""),
        ("'T HOOFT", rules.NAME_FORM, ""),
        ("D' ARTAGNAN", rules.NAME_FORM, ""),
        ("JEAN - PIERRE", rules.NAME_FORM, ""),
        ("DUPONT---MARTIN", rules.NAME_FORM, ""),
    ],
)
def test_anything_else_is_refused_and_named(held: str, rule: Rule, refused: str) -> None:
    tried = sendable(held, birth_name=True)
    assert (tried.text, tried.refusal, tried.refused) == (None, rule, refused)


def test_a_double_hyphen_stands_in_a_birth_name_only() -> None:
    assert sendable("DUPONT--MARTIN", birth_name=True).text == "DUPONT--MARTIN"
    assert sendable("JEAN--PIERRE", birth_name=False).refusal is rules.NAME_FORM


def test_a_blank_name_is_neither_sent_nor_refused() -> None:
    tried = sendable("  ", birth_name=True)
    assert (tried.text, tried.refusal) == (None, None)


@given(held=NAMES, birth_name=st.booleans())
def test_whatever_is_sent_is_in_the_lexicon_and_sent_again_unchanged(held: str, birth_name: bool) -> None:
    tried = sendable(held, birth_name=birth_name)
    assert tried.original == held
    if tried.text is not None:
        assert INSI.fullmatch(tried.text)
        assert birth_name or "--" not in tried.text
        assert sendable(tried.text, birth_name=birth_name).text == tried.text


@given(held=NAMES)
def test_no_letter_is_lost_or_added(held: str) -> None:
    tried = sendable(held, birth_name=True)
    if tried.text is not None:
        assert comparable(tried.text) == comparable(held)
        letters = sum(character.isalpha() for character in held) + sum(character in "ŒœÆæǼǽǢǣ" for character in held)
        assert sum(character.isalpha() for character in tried.text) == letters


@given(held=NAMES, digit=st.sampled_from("0123456789.()?/_;:ß٣"), at=st.integers(0, 12))
def test_a_sign_that_no_name_has_is_never_sent(held: str, digit: str, at: int) -> None:
    assert sendable(held[:at] + digit + held[at:], birth_name=True).text is None
