"""Secrets come from files or the environment; nothing shows what they hold."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dui_bridge.errors import DeclarationInvalid
from dui_bridge.findings import Place
from dui_bridge.model.profile import Profile
from dui_bridge.site.secrets import PUBLISHED_DEMO_KEY, Secret, read_master_key

AT = Place("bridge.yaml", 4, 13)
KEY = bytes(range(32))


def key_file(folder: Path, content: bytes) -> Secret:
    path = folder / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    return Secret(AT, file=path)


def refusal(secret: Secret, profile: Profile = Profile.PRODUCTION) -> str:
    with pytest.raises(DeclarationInvalid) as caught:
        read_master_key(secret, profile)
    (finding,) = caught.value.findings
    assert finding.at == AT
    return finding.message("en")


@pytest.mark.parametrize(
    "content", [KEY.hex().encode(), KEY.hex().upper().encode() + b"\n", base64.b64encode(KEY) + b"\r\n"]
)
def test_a_key_is_read_from_hexadecimal_or_base64(tmp_path: Path, content: bytes) -> None:
    assert read_master_key(key_file(tmp_path, content), Profile.PRODUCTION) == KEY


def test_a_key_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_KEY", KEY.hex())

    assert read_master_key(Secret(AT, env="BRIDGE_KEY"), Profile.PRODUCTION) == KEY


@pytest.mark.parametrize("content", [b"", b"short", KEY, KEY.hex().encode()[:-2], b"\x00" * 64, b"A" * 9000])
def test_what_is_no_key_is_refused_by_the_path_and_never_by_the_content(tmp_path: Path, content: bytes) -> None:
    message = refusal(key_file(tmp_path, content))

    assert message == f"{tmp_path}/master.key does not hold a key of 32 bytes, in hexadecimal or base64"


def test_a_missing_file_and_a_missing_variable_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRIDGE_KEY", raising=False)

    assert refusal(Secret(AT, file=tmp_path / "no.key")) == f"the secret file {tmp_path}/no.key does not exist"
    assert refusal(Secret(AT, file=tmp_path)) == f"the secret file {tmp_path} is a folder"
    assert refusal(Secret(AT, env="BRIDGE_KEY")) == "environment variable BRIDGE_KEY is not set"


@pytest.mark.parametrize("profile", [Profile.QUALIFICATION, Profile.PRODUCTION])
def test_the_published_demo_key_works_in_the_sandbox_only(tmp_path: Path, profile: Profile) -> None:
    secret = key_file(tmp_path, base64.b64encode(PUBLISHED_DEMO_KEY))

    assert read_master_key(secret, Profile.SANDBOX) == PUBLISHED_DEMO_KEY
    assert "published demo key" in refusal(secret, profile)


def test_a_key_that_others_may_read_is_still_read(tmp_path: Path) -> None:
    secret = key_file(tmp_path, KEY.hex().encode())
    (tmp_path / "master.key").chmod(0o644)

    assert read_master_key(secret, Profile.PRODUCTION) == KEY
