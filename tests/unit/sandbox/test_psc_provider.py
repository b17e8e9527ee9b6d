"""The stand-in of Pro Santé Connect refuses what the real one refuses."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from dui_bridge.sandbox.psc.persons import PROFESSIONALS
from dui_bridge.sandbox.psc.provider import GRANT, Provider

DOCTOR = PROFESSIONALS[0]
FORM = {"client_id": "pont", "client_secret": "un-secret"}
ASK = {**FORM, "scope": "openid scope_all", "login_hint": DOCTOR.national_id}
ISSUER = "https://localhost:9443/realm"


@dataclass
class Service:
    now: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    provider: Provider = field(init=False)

    def __post_init__(self) -> None:
        self.provider = Provider(PROFESSIONALS, {"pont": "un-secret"}, 1, lambda: self.now)

    def asked(self, hint: str = DOCTOR.national_id) -> dict[str, str]:
        """The form of a question, for somebody who was just asked."""
        status, said = self.provider.ask({**ASK, "login_hint": hint}, "")
        assert status == 200
        return {**FORM, "grant_type": GRANT, "auth_req_id": str(said["auth_req_id"])}

    def token(self, form: dict[str, str]) -> object:
        """The error of an answer, or the access token."""
        status, said = self.provider.token(form, "", ISSUER)
        assert (status == 200) is ("error" not in said)
        return said.get("error", said.get("access_token"))


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({**ASK, "client_secret": "autre"}, (401, "invalid_client")),
        ({**ASK, "client_id": "autre"}, (401, "invalid_client")),
        ({**ASK, "scope": "scope_all"}, (400, "invalid_scope")),
        ({**ASK, "login_hint": "810000000001"}, (400, "unknown_user_id")),
    ],
)
def test_a_request_that_is_not_right_is_refused(form: dict[str, str], refusal: tuple[int, str]) -> None:
    status, said = Service().provider.ask(form, "")

    assert (status, said["error"]) == refusal


def test_the_secret_may_stand_in_the_header() -> None:
    header = f"Basic {b64encode(b'pont:un-secret').decode()}"
    without = {name: value for name, value in ASK.items() if not name.startswith("client")}
    provider = Service().provider

    assert [provider.ask(without, one)[0] for one in (header, "Basic ?", "", f"{header}AA")] == [200, 401, 401, 401]


def test_a_person_approves_after_a_moment_and_the_request_is_good_once() -> None:
    service = Service()
    form = service.asked()

    first, access, again = (service.token(form) for _ in range(3))

    assert (first, again) == ("authorization_pending", "invalid_grant")
    assert service.provider.userinfo(f"Bearer {access}") == (200, DOCTOR.userinfo())
    assert [service.provider.userinfo(one)[0] for one in (f"Basic {access}", "Bearer autre", "")] == [401] * 3


def test_what_is_too_old_is_over() -> None:
    service = Service()
    form, other = service.asked(), service.asked()
    assert service.token(form) == "authorization_pending"
    access = service.token(form)

    service.now += timedelta(seconds=121)

    assert service.token(other) == "expired_token"
    assert service.provider.userinfo(f"Bearer {access}")[0] == 401


def test_a_person_may_say_no() -> None:
    service = Service()
    form = service.asked(next(one.national_id for one in PROFESSIONALS if not one.approves))

    assert [service.token(form) for _ in range(2)] == ["authorization_pending", "access_denied"]
