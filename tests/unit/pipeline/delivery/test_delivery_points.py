"""The hook of the crash suite: it kills a sandbox at the named point, and does nothing anywhere else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.delivery import points


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number) if pid == os.getpid() else None)
    yield sent
    monkeypatch.delenv(points.VARIABLE, raising=False)
    points.arm(Profile.SANDBOX)


def test_a_sandbox_is_killed_at_the_point_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, killed: list[int]
) -> None:
    monkeypatch.setenv(points.VARIABLE, "send.before:3")
    points.arm(Profile.SANDBOX)

    for _ in range(2):
        points.reached("send.before")
        points.reached("send.after")
    assert killed == []
    points.reached("send.before")

    assert killed == [signal.SIGKILL]


@pytest.mark.parametrize("profile", [Profile.QUALIFICATION, Profile.PRODUCTION])
def test_no_other_profile_is_ever_killed(monkeypatch: pytest.MonkeyPatch, killed: list[int], profile: Profile) -> None:
    monkeypatch.setenv(points.VARIABLE, "send.before")
    points.arm(Profile.SANDBOX)
    points.arm(profile)

    points.reached("send.before")

    assert killed == []


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch, killed: list[int]) -> None:
    monkeypatch.delenv(points.VARIABLE, raising=False)
    points.arm(Profile.SANDBOX)

    for point in points.POINTS:
        points.reached(point)

    assert killed == []
