"""The published and recorded mails of MSSanté: what each is, its code, and the delivery that it is about."""

from __future__ import annotations

import pytest

from dui_bridge.connectors.mssante.decode import decode
from tests.shared import shared_path

FOLDER = shared_path()
CASES = {
    "dsn_postfix_failed_5.1.1.eml": (
        "dsn", "550", "179529373304.4042.14658370324056948350@esms.mssante.fr", "dr.ferme@ferme.mssante.fr",
        [("failed", "5.1.1", "MSS-020", True)],
    ),
    "dsn_postfix_success_relayed.eml": (
        "dsn", "250", "179529334707.29359.6833653927761420122@esms.mssante.fr", "dr.dupont@medecin.mssante.fr",
        [("delivered", "2.0.0", "", False)],
    ),
    "mdn_error_example_v1.1.2_oldform.txt": (
        "integration_error", "902", "199509192301.23456", "serviceY_auto@chb.mssante.fr",
        [("not_integrated", "", "MSS-132", False)],
    ),
    "mdn_error_example_v1.1.3_newform.txt": (
        "integration_error", "902", "20240219230100.23456@chb.mssante.fr", "serviceY_auto@chb.mssante.fr",
        [("not_integrated", "", "MSS-132", False)],
    ),
}  # fmt: skip


@pytest.mark.skipif(FOLDER is None, reason="the shared reference is not here")
@pytest.mark.parametrize("name", CASES)
def test_each_is_read_rightly(name: str) -> None:
    assert FOLDER is not None
    kind, code, message_id, recipient, notices = CASES[name]
    told, findings = decode((FOLDER / "reference" / "mssante" / "mail" / name).read_bytes())
    assert (told["kind"], told["code"]) == (kind, code)
    assert (told["delivery"]["message_id"], told["delivery"]["recipients"]) == (message_id, [recipient])
    assert [(one["told"], one["status"], one["cause"], one["suspect"]) for one in told["notices"]] == notices
    assert not any(one.is_error for one in findings)


@pytest.mark.skipif(FOLDER is None, reason="the shared reference is not here")
def test_every_mail_of_the_reference_has_its_case() -> None:
    assert FOLDER is not None
    assert {one.name for one in (FOLDER / "reference" / "mssante" / "mail").iterdir()} == CASES.keys()
