"""What a mapping may say of a DUI that answers by REST."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dui_bridge.connectors.rest import ClientCredentials, errors, open_source, parse_auth, parse_settings, shape_of
from dui_bridge.connectors.rest.http import Http, Timing
from dui_bridge.connectors.rest.settings import Content, Deleted, Paging, SecretRef
from dui_bridge.declared import Problems, loads
from dui_bridge.findings import Finding

AUTH = "{client_credentials: {token_url: 'https://id.example/token', client_id: {env: A}, client_secret: {file: /b}}}"
ONE_LINE = (
    'rest: {auth: ..., each: /residents, then: "/residents/{id}/documents", cursor: modifieDepuis, full_every: sunday, '
    "content: {url: contenu.url, sha256: contenu.sha256}}"
)


def findings(declared: str) -> list[Finding]:
    problems = Problems("m.yaml")
    found = parse_settings(loads(declared, "m.yaml"), problems, "residents")
    assert (found is None) == bool(problems.findings)
    return problems.findings


def test_the_line_of_the_specification_is_accepted_as_written():
    problems = Problems("m.yaml")
    settings = parse_settings(loads(ONE_LINE, "m.yaml").get("rest"), problems, "residents")  # type: ignore[union-attr, arg-type]

    assert settings is not None
    assert (settings.auth, settings.cursor, settings.full_every, settings.page) == (
        None,
        "modifieDepuis",
        "sunday",
        Paging(),
    )
    assert (settings.root.alias, settings.root.items, settings.root.key) == ("residents", ("residents",), "id")
    assert settings.parts["documents"].path == "/residents/{id}/documents"
    assert settings.content == Content("documents", ("contenu", "url"), ("contenu", "sha256"))
    shape = shape_of(settings, None)
    assert (shape.root, shape.below("residents")) == ("residents", {"documents": "documents"})
    with pytest.raises(errors.NoAccess):
        open_source(settings, "https://dui.example")
    with pytest.raises(errors.NoAddress):
        open_source(settings, Path("export"))


def test_all_that_can_be_said():
    problems = Problems("m.yaml")
    settings = parse_settings(
        loads(
            f"""
base: https://dui.example/api
auth: {AUTH}
each: /v2/residents
items: data.residents
key: uuid
keep: {{last_by: version}}
deleted: {{etat: [SUPPRIME, EFFACE]}}
page: {{cursor: meta.suivant, as: curseur, size: 50, size_as: limite, total: meta.total, ignored: [liens]}}
then: {{documents: {{path: "/residents/{{uuid}}/documents", key: uuid, deleted: supprimeLe}}}}
cursor: depuis
full_every: day
content: {{url: url, hosts: [fichiers.example]}}
ignored: {{residents: [a], documents: [b]}}
forbidden: {{residents: [identite.nationalite]}}
repair: [double_utf8]
""",
            "m.yaml",
        ),
        problems,
    )

    assert settings is not None, problems.findings
    assert settings.auth == ClientCredentials("https://id.example/token", SecretRef("A"), SecretRef(None, Path("/b")))
    assert settings.page == Paging("meta.suivant", "curseur", 50, "limite", "meta.total", frozenset({"liens"}))
    assert settings.root.deleted == Deleted("etat", frozenset({"SUPPRIME", "EFFACE"}))
    assert settings.content == Content("documents", ("url",), None, frozenset({"fichiers.example"}))


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ("auth: ...", "YML-011"),
        ("each: residents", "RST-002"),
        ("each: /residents?etat=PRESENT", "RST-002"),
        ("each: /../residents", "RST-002"),
        ('each: "/etablissements/{id}/residents"', "OBJ-006"),
        ("each: /usagers", "OBJ-001"),
        ("each: /residents\nbase: http://dui.example", "RST-001"),
        ("each: /residents\nbase: https://moi:secret@dui.example", "RST-001"),
        ("each: /residents\nbase: ftp://dui.example", "RST-001"),
        ("each: /residents\nfull_every: dimanche", "RST-003"),
        ("each: /residents\npage: {size: 0}", "RST-006"),
        ("each: /residents\npage: {suivant: x}", "YML-010"),
        ("each: /residents\ncontent: {url: a.b}", "RST-005"),
        ('each: /residents\nthen: "/residents/{}/documents"', "OBJ-006"),
        ("each: /residents\nforbidden: {residents: [id]}", "OBJ-003"),
        ("each: /residents\nauth: {client_credentials: {token_url: https://a}}", "YML-011"),
        ("each: /residents\nauth: un-jeton", "YML-012"),
    ],
)
def test_a_mistake_of_the_mapping_is_told(declared: str, rule: str):
    assert rule in [finding.rule.id for finding in findings(declared)]


@pytest.mark.parametrize("given", ["mot-de-passe", "{env: pas un nom}", "{file: relatif}", "{env: A, file: /b}"])
def test_a_secret_written_in_the_mapping_is_refused_and_not_shown(given: str):
    problems = Problems("m.yaml")

    parse_auth(
        loads(f"client_credentials: {{token_url: https://a, client_id: {{env: A}}, client_secret: {given}}}", "m"),
        problems,
    )

    assert [finding.rule for finding in problems.findings] == [errors.SECRET]
    assert "mot-de-passe" not in problems.findings[0].line()


def test_the_address_of_the_site_wins_even_as_a_path_made_absolute(tmp_path: Path):
    problems = Problems("m.yaml")
    settings = parse_settings(loads(f"each: /residents\nauth: {AUTH}\nbase: https://dui.example", "m"), problems)
    assert settings is not None

    source = open_source(settings, tmp_path / "https://autre.example/api")

    assert source._pages._access.url("/residents", {}) == "https://autre.example/api/residents"  # type: ignore[attr-defined]
    source.close()


def test_a_server_that_cannot_prove_who_it_is_is_refused_at_once(tmp_path: Path):
    certificate = self_signed(tmp_path)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.handle_request, daemon=True).start()
    slept: list[float] = []
    http = Http(is_local=True, timing=Timing(sleep=slept.append))

    with pytest.raises(errors.TlsRefused):
        http.send("GET", f"https://127.0.0.1:{server.server_address[1]}/", "GET /", limit=10)
    assert slept == []
    http.close()
    server.server_close()


def self_signed(folder: Path) -> Path:
    """A certificate and its key, made for this test by OpenSSL."""
    import shutil
    import subprocess

    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    path = folder / "certificate.pem"
    subject = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    made = subprocess.run(
        ["openssl", "req", *subject, "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        capture_output=True,
        check=True,
    )
    assert made.returncode == 0
    path.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return path
