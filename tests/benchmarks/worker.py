"""`worker.py TASK …`: one task in a process of its own, its answer as JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _export(folder: str, sample: str, usagers: str, state: str) -> dict[str, Any]:
    """Writes an export; answers how many rows it has."""
    from atlas_export import write_export

    return {"rows": write_export(Path(folder), Path(sample), int(usagers), state)}


def _rates(config: str, documents: str, runs: str) -> dict[str, Any]:
    """Every rate that is measured inside a process: seconds of processor, ours and the floor's."""
    from documents import measure_cda, measure_rendered, subjects
    from reading import measure_reading

    chosen = subjects(Path(config), int(documents))
    return {
        "reading": measure_reading(Path(config), int(runs)),
        "cda": measure_cda(chosen, int(runs)),
        "rendered": measure_rendered(chosen, int(runs)),
    }


def _official(processes: str, rounds: str) -> dict[str, Any]:
    """What the official suite costs, a process each; `processes` is null when the shared reference is not here."""
    from official_suite import measure_official

    return {"processes": measure_official(int(processes), int(rounds))}


def _deliveries(documents: str, rounds: str, status_rows: str) -> dict[str, Any]:
    """What the journal costs; `postgresql` is null when there is no server on this machine."""
    from deliveries import measure_deliveries

    return measure_deliveries(int(documents), int(rounds), int(status_rows))


def _searches(searches: str, rounds: str) -> dict[str, Any]:
    """Searches at the stand-in of INSi, over mutual TLS."""
    from insi_searches import measure_searches

    return measure_searches(int(searches), int(rounds))


def _deposits(deposits: str, rounds: str) -> dict[str, Any]:
    """Deposits at the stand-in of the DMP, over mutual TLS."""
    from dmp_deposits import measure_deposits

    return measure_deposits(int(deposits), int(rounds))


def _mails(mails: str, rounds: str) -> dict[str, Any]:
    """Mails with a document at the stand-in of an operator of MSSanté, over mutual TLS."""
    from mail_sending import measure_mails

    return measure_mails(int(mails), int(rounds))


_TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "export": _export,
    "rates": _rates,
    "official": _official,
    "deliveries": _deliveries,
    "searches": _searches,
    "deposits": _deposits,
    "mails": _mails,
}

if __name__ == "__main__":
    json.dump(_TASKS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
