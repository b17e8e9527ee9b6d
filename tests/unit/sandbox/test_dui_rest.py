"""The stand-in of a DUI that answers by REST: its quirks are those that a client must survive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dui_bridge.sandbox.dui_rest import DuiRestServer, Fault

DATA = b"%PDF-1.7"


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Iterator[DuiRestServer]:
    residents = [{"id": f"r{n:03}", "dateModification": f"2023-01-01T00:{n // 60:02}:{n % 60:02}"} for n in range(300)]
    (tmp_path / "residents.json").write_text(json.dumps({"residents": residents}))
    (tmp_path / "documents").mkdir()
    content = {"sha256": hashlib.sha256(DATA).hexdigest(), "url": "d.pdf"}
    (tmp_path / "documents" / "r000.json").write_text(json.dumps([{"id": "d/1", "contenu": content}]))
    (tmp_path / "d.pdf").write_bytes(DATA)
    with DuiRestServer(tmp_path, client_id="a", client_secret="b", clock=clock) as made:
        yield made


@pytest.fixture
def client(server: DuiRestServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as made:
        form = {"grant_type": "client_credentials"}
        token = made.post("/oauth/token", data=form, auth=("a", "b")).json()["access_token"]
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


def paged(client: httpx.Client, **parameters: str) -> list[str]:
    found, cursor = [], None
    while True:
        body = client.get("/residents", params={**parameters, **({"curseur": cursor} if cursor else {})}).json()
        found += [one["id"] for one in body["residents"]]
        cursor = body["suivant"]
        if cursor is None:
            return found


def test_it_listens_on_this_machine_only(server: DuiRestServer):
    assert server.url.startswith("http://127.0.0.1:")


def test_pages_have_at_most_200_residents(server: DuiRestServer, client: httpx.Client):
    body = client.get("/residents", params={"taille": "1000"}).json()

    assert (len(body["residents"]), body["total"]) == (200, 300)
    assert len(set(paged(client))) == 300


def test_a_client_that_trusts_drifting_pages_loses_a_resident(server: DuiRestServer, client: httpx.Client):
    server.quirks.drifts = 1

    found = paged(client)

    assert len(found) == 300
    assert "r200" not in found
    assert found.count("r000") == 2


def test_only_those_modified_since_a_time(server: DuiRestServer, client: httpx.Client):
    server.change("r007", nom="B")

    assert paged(client, modifieDepuis="2023-06-01T00:00:00Z") == ["r007"]


def test_deletion_is_a_mark(server: DuiRestServer, client: httpx.Client):
    server.delete("r007")

    (found,) = client.get("/residents", params={"modifieDepuis": "2023-06-01T00:00:00+02:00"}).json()["residents"]
    assert (found["id"], found["supprime"]) == ("r007", True)


def test_the_address_of_a_file_expires_after_ten_minutes(server: DuiRestServer, client: httpx.Client, clock: Clock):
    (found,) = client.get("/residents/r000/documents").json()["documents"]
    url = found["contenu"]["url"]

    assert httpx.get(url, trust_env=False).content == DATA
    clock.now += 599
    assert client.get(url).status_code == 200
    clock.now += 2
    assert client.get(url).status_code == 403
    assert client.get(url.replace("signature=", "signature=0")).status_code == 403


def test_a_token_expires_and_can_be_revoked(server: DuiRestServer, client: httpx.Client, clock: Clock):
    assert client.get("/residents").status_code == 200
    server.revoke_tokens()
    assert client.get("/residents").status_code == 401
    assert client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("a", "x")).status_code == 401


def test_faults_come_after_so_many_answers_and_go(server: DuiRestServer, client: httpx.Client):
    server.quirks.fail(Fault("/residents", after=1, times=2, status=429, retry_after="7"))

    answers = [client.get("/residents") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "7"


def test_a_connection_may_be_cut_and_a_file_be_another_one(server: DuiRestServer, client: httpx.Client):
    server.quirks.fail(Fault("/residents", cut=True))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/residents")

    server.quirks.wrong_sha256.add("d/1")
    (found,) = client.get("/residents/r000/documents").json()["documents"]
    assert hashlib.sha256(client.get(found["contenu"]["url"]).content).hexdigest() != found["contenu"]["sha256"]


def test_an_answer_may_be_slow(server: DuiRestServer, client: httpx.Client):
    server.quirks.fail(Fault("/residents", delay=0.3))

    with pytest.raises(httpx.ReadTimeout):
        client.get("/residents", timeout=0.05)


def test_it_knows_neither_the_client_nor_the_pipeline():
    folder = Path(__import__("dui_bridge.sandbox", fromlist=["x"]).__file__).parent
    text = "".join(path.read_text() for path in folder.rglob("*.py"))

    assert "dui_bridge.connectors" not in text
    assert "dui_bridge.pipeline" not in text
