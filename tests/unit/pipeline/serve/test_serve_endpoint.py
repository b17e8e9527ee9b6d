"""What the endpoint answers, and to whom."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import RunState
from dui_bridge.pipeline.serve.errors import PortTaken
from dui_bridge.pipeline.serve.health import HOST, Answer, Endpoint
from dui_bridge.pipeline.serve.metrics import _gauge
from dui_bridge.pipeline.serve.service import came

NOW = datetime.fromisoformat("2026-11-22T06:00:00+00:00")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint(
        {
            "/health": lambda: Answer(True, "ok\n"),
            "/ready": lambda: Answer(False, "starting\n"),
            "/metrics": lambda: Answer(True, "dui_bridge_ready 1\n"),
        },
        0,
    )
    made.start()
    yield made
    made.stop()


def get(endpoint: Endpoint, path: str, method: str = "GET") -> tuple[int, str, str]:
    request = urllib.request.Request(f"http://{HOST}:{endpoint.port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def test_each_page_answers_with_its_status(endpoint: Endpoint) -> None:
    assert get(endpoint, "/health") == (200, "text/plain; charset=utf-8", "ok\n")
    assert get(endpoint, "/ready")[0] == 503
    assert get(endpoint, "/metrics")[1] == "text/plain; version=0.0.4; charset=utf-8"
    assert get(endpoint, "/health", "HEAD")[::2] == (200, "")


@pytest.mark.parametrize("path", ["/", "/metrics/", "/health/../metrics", "/favicon.ico", "/METRICS"])
def test_a_strange_path_is_not_found(endpoint: Endpoint, path: str) -> None:
    assert get(endpoint, path)[0] == 404


def test_nothing_can_be_sent_to_it(endpoint: Endpoint) -> None:
    assert get(endpoint, "/health", "POST")[0] == 501


def test_only_this_machine_is_listened_to(endpoint: Endpoint) -> None:
    with socket.socket() as other:
        other.settimeout(2)
        # 127.0.0.2 is this machine as well, and another address: who listens on all of them hears it.
        assert other.connect_ex(("127.0.0.2", endpoint.port)) != 0


def test_a_port_that_is_taken_is_told(endpoint: Endpoint) -> None:
    with pytest.raises(PortTaken):
        Endpoint({}, endpoint.port)


def test_a_client_that_says_nothing_does_not_keep_the_others_out(endpoint: Endpoint) -> None:
    with socket.create_connection((HOST, endpoint.port)):
        assert get(endpoint, "/health")[0] == 200


def test_a_gauge_is_written_as_prometheus_reads_it() -> None:
    text = _gauge("items", "How many.", [({"source": 'a"b\\c\nd', "state": "built"}, 3), ({"source": "e"}, 0.5)])

    assert text == (
        "# HELP dui_bridge_items How many.\n"
        "# TYPE dui_bridge_items gauge\n"
        'dui_bridge_items{source="a\\"b\\\\c\\nd",state="built"} 3\n'
        'dui_bridge_items{source="e"} 0.5\n'
    )


def run(export: str, ago: timedelta, state: RunState = RunState.DONE, kind: str = "full") -> KnownRun:
    return KnownRun("r", "atlas", export, NOW - ago, None, state, {}, {}, kind=kind)


def test_an_export_came_when_one_was_read_within_a_day() -> None:
    hour, days = timedelta(hours=1), timedelta(days=2)

    assert came([run("20261122", hour), run("20261120", days)], NOW)
    assert came([run("depot", hour), run("depot", days)], NOW)
    assert not came([run("20261120", hour), run("20261120", days)], NOW)
    assert not came([run("20261120", days)], NOW)
    assert not came([run("", hour, RunState.WAITING)], NOW)
    assert not came([run("urgent-20261122T020000Z", hour, kind="urgent")], NOW)
    assert not came([], NOW)
