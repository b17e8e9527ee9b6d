"""The stand-ins of a sandbox site: `sandbox serve`, what keeps them from starting, and bad certificates in words."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from demo_site import DemoSite, Invocation, invoke
from small_site import assert_plain_words, small_site

from dui_bridge.demo.stand_ins import stand_ins
from dui_bridge.sandbox.pki import Pki
from dui_bridge.sandbox.serving import serving
from dui_bridge.site.settings import load_site

ZOE = ["--nom", "ADRUN", "--prenom", "ZOE", "--sexe", "F", "--naissance", "1975-12-31"]
ADDRESS = Path("site") / "data" / "sandbox" / "insi.url"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """A site that calls INSi, with every test certificate."""
    site = small_site(tmp_path_factory.mktemp("sandbox") / "out", insi=True)
    made = invoke("sandbox", "pki", str(site.config.parent / "secrets" / "pki"))
    assert made.code == 0, made.stderr
    return site


@pytest.fixture
def site(prepared: DemoSite, tmp_path: Path) -> DemoSite:
    shutil.copytree(prepared.out, tmp_path / "out")
    return DemoSite(tmp_path / "out")


def change(site: DemoSite, before: str, after: str) -> None:
    text = site.config.read_text(encoding="utf-8")
    assert before in text
    site.config.write_text(text.replace(before, after), encoding="utf-8")


def search(site: DemoSite) -> Invocation:
    return invoke("ins", "search", *ZOE, "--config", str(site.config))


@contextmanager
def served(site: DemoSite) -> Iterator[subprocess.Popen[str]]:
    """`sandbox serve` in a process of its own, once it answers."""
    words = [sys.executable, "-m", "dui_bridge.cli.main", "sandbox", "serve", "--config", str(site.config)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 30
        while not (site.out / ADDRESS).exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        yield process
        process.kill()


def test_sandbox_serve_answers_until_it_is_stopped_and_then_it_is_said_that_it_does_not_run(site: DemoSite) -> None:
    with served(site) as process:
        found = search(site)
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=30)
    after = search(site)

    assert (found.code, process.returncode) == (0, 0), found.stderr
    assert "ADRUN" in found.stdout
    assert printed.startswith("insi  https://localhost:")
    assert not (site.out / ADDRESS).exists()
    assert after.code == 3
    assert "dui-bridge sandbox serve" in after.stderr


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("  insi: {pkcs12:", "  psc: {pkcs12:", "CFG-120"),
        ("client-insi-auto.p12", "client-other-ca.p12", "TLS-031"),
        ("client-insi-auto.p12", "client-expired.p12", "TLS-006"),
        ("client-insi-auto.p12", "client-revoked.p12", "TLS-033"),
        ("client-insi-auto.p12", "client-wrong-name.p12", "TSI-332"),
        ("client-insi-auto.p12", "client-wrong-usage.p12", "TLS-008"),
        ("client-insi-auto.p12", "client-not-yet.p12", "TLS-007"),
        ("{ca: secrets/pki/ca.pem", "{ca: secrets/pki/other-ca.pem", "TLS-020"),
    ],
    ids=["none", "other authority", "expired", "revoked", "other name", "usage", "not yet", "server not trusted"],
)
def test_each_bad_certificate_is_refused_in_its_own_words(site: DemoSite, before: str, after: str, code: str) -> None:
    change(site, before, after)
    with stand_ins(load_site(site.config)):
        refused = search(site)

    assert refused.code == 2
    said, action = refused.stderr.strip().splitlines()[-2:]
    assert said.endswith(f"[{code}]")
    assert action
    assert_plain_words(refused.stderr + refused.stdout)


def test_an_authorisation_number_that_the_service_does_not_know_is_told_apart(site: DemoSite) -> None:
    idam = site.config.parent / "secrets" / "insi-idam.txt"
    idam.write_text("AUTRE\n", encoding="ascii")
    with stand_ins(load_site(site.config)):
        refused = search(site)

    assert refused.code == 2
    assert "[TSI-311]" in refused.stderr


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("sandbox: {pki", "#sandbox: {pki", "CFG-125"),
        ("profile: sandbox", "profile: qualification", "CFG-126"),
        ("sandbox: {pki: secrets/pki", "sandbox: {pki: secrets/none", "CFG-127"),
        ("sandbox: {pki: secrets/pki", "sandbox: {schemas: secrets, pki: secrets/pki", "CFG-002"),
    ],
    ids=["none declared", "another profile", "no certificates", "no schemas"],
)
def test_stand_ins_do_not_start_and_say_why(site: DemoSite, before: str, after: str, code: str) -> None:
    change(site, before, after)
    refused = invoke("sandbox", "serve", "--config", str(site.config))

    assert refused.code == 2
    assert f"[{code}]" in refused.stderr


def test_a_line_that_is_no_person_is_named_by_its_number_alone(site: DemoSite) -> None:
    table = site.out / "insi" / "persons.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[4] = "VASSEUR;JEAN"
    table.write_text("\n".join(lines), encoding="utf-8")
    refused = invoke("sandbox", "serve", "--config", str(site.config))

    assert refused.code == 2
    assert "ligne 5" in refused.stderr
    assert "VASSEUR" not in refused.stderr


def test_a_fault_in_the_answers_of_mssante_is_named_by_its_place(site: DemoSite) -> None:
    answers = site.out / "mssante" / "answers.yaml"
    answers.write_text("correspondents: [{adress: a@b.mssante.fr}]\n", encoding="utf-8")
    refused = invoke("sandbox", "serve", "--config", str(site.config))

    assert refused.code == 2
    assert "answers.yaml:1:19" in refused.stderr
    assert_plain_words(refused.stderr)


def test_the_address_of_another_process_is_left_in_its_place(prepared: DemoSite, tmp_path: Path) -> None:
    pki = Pki(prepared.config.parent / "secrets" / "pki")
    with serving(pki, tmp_path):
        (tmp_path / "insi.url").write_text("https://localhost:1/lps\n", encoding="ascii")

    assert (tmp_path / "insi.url").exists()
