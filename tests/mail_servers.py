"""Real mail servers of this test session alone, in folders and on ports of their own, gone afterwards.

`running_dovecot`: IMAP, LMTP and submission with mutual TLS, SASL EXTERNAL and CRL, as an ordinary user.
`dovecot_with_tokens`: IMAP with XOAUTH2 and no client certificate. `running_postfix` (root alone): mutual TLS, real
reports, a white list, 25 MiB; what it takes arrives in the mailboxes of `running_dovecot`. Tests that use them are
marked `real`.
"""

from __future__ import annotations

import base64
import getpass
import grp
import json
import os
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dui_bridge.sandbox.pki import MAILBOX, Pki, make_pki

CLIENTS = ("client-mss", "client-expired", "client-revoked", "client-other-ca")
CLOSED = "dr.ferme@ferme.mssante.fr"
"""An address that the next server refuses after Postfix has taken the mail."""
LARGEST = 26_214_400
_PATIENCE = 10.0


@dataclass
class NextServer:
    """What a server hands on: it keeps the mails, and refuses the domain of `CLOSED`."""

    mails: list[bytes] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.endswith(CLOSED.partition("@")[2]):
            return "550 5.1.1 mailbox closed"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


@dataclass(frozen=True)
class MailServer:
    """A running server: its certificates, where it listens, and the mails that it handed to the next one."""

    pki: Pki
    folder: Path
    ports: dict[str, int]
    next: NextServer = field(default_factory=NextServer)
    token: Callable[..., str] = field(default=lambda **_: "")

    @property
    def host(self) -> str:
        return "localhost"

    def context(self, client: str | None = "client-mss") -> ssl.SSLContext:
        """TLS of a client of the standard library, with this certificate."""
        made = ssl.create_default_context(cafile=self.pki.ca)
        if client is not None:
            made.load_cert_chain(self.pki.holder(client).certificate, self.pki.holder(client).key)
        return made

    def deliver(self, mail: bytes, mailbox: str = MAILBOX, sender: str = "dr.essai@medecin.mssante.fr") -> None:
        """Puts a mail in a mailbox of Dovecot, as an operator does."""
        with smtplib.LMTP("127.0.0.1", self.ports["lmtp"], local_hostname="essai") as client:
            client.sendmail(sender, [mailbox], mail)

    def mails(self, mailbox: str = MAILBOX) -> list[bytes]:
        """What a mailbox of Dovecot holds, the oldest first."""
        found = [*self.folder.glob(f"mail/{mailbox}/Maildir/new/*"), *self.folder.glob(f"mail/{mailbox}/Maildir/cur/*")]
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted(found, key=lambda path: path.name)]

    def awaited(self, count: int, mailbox: str = MAILBOX, holding: bytes = b"") -> list[bytes]:
        """The mails of a mailbox that hold these bytes, when there are that many."""
        end = time.monotonic() + _PATIENCE
        while len(found := [one for one in self.mails(mailbox) if holding in one]) < count and time.monotonic() < end:
            time.sleep(0.05)
        assert len(found) >= count, f"{len(found)} mails came"
        return found


# --- Dovecot --------------------------------------------------------------------------------------------------------

_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <{folder}/pki/server.pem
ssl_key = <{folder}/pki/server.key.pem
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service director {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
"""
_BY_CERTIFICATE = """
protocols = imap lmtp submission
ssl_ca = <{folder}/ca-and-crl.pem
ssl_verify_client_cert = yes
ssl_require_crl = yes
auth_ssl_require_client_cert = yes
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
auth_mechanisms = external
passdb {{
  driver = static
  mechanisms = external
  args = nopassword=y
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    address = 127.0.0.1
    port = {submission}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {next}
submission_max_mail_size = 25M
"""
_BY_TOKEN = """
protocols = imap lmtp
auth_mechanisms = xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""
_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
username_format = %u
"""


@pytest.fixture(scope="session")
def running_dovecot() -> Iterator[MailServer]:
    """Mailboxes that the certificate opens: the one of `Pki.mss` is `MAILBOX`."""
    with _folder("dovecot") as folder, _next_server() as (handler, port):
        pki = make_pki(folder / "pki", names=(*CLIENTS, "server"))
        (folder / "ca-and-crl.pem").write_bytes(pki.ca.read_bytes() + pki.crl.read_bytes())
        ports = {"next": port, **_free_ports("imap", "imaps", "submission", "lmtp")}
        with _dovecot(folder, _DOVECOT + _BY_CERTIFICATE, ports):
            yield MailServer(pki, folder, ports, handler)


@pytest.fixture(scope="session")
def dovecot_with_tokens() -> Iterator[MailServer]:
    """Mailboxes that a token of Pro Santé Connect opens: `token(email, expires_in=60)` makes one."""
    with _folder("dovecot-tokens") as folder:
        pki = make_pki(folder / "pki", names=("server",))
        key = rsa.generate_private_key(65537, 2048)
        public = folder / "keys" / "default" / "RS256" / "default"
        public.parent.mkdir(parents=True)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
        (folder / "oauth2.conf.ext").write_text(_OAUTH2.format(folder=folder))
        ports = _free_ports("imap", "imaps", "lmtp")
        with _dovecot(folder, _DOVECOT + _BY_TOKEN, ports):
            yield MailServer(
                pki, folder, ports, token=lambda email=MAILBOX, expires_in=60: _jwt(key, email, expires_in)
            )


@contextmanager
def _dovecot(folder: Path, settings: str, ports: dict[str, int]) -> Iterator[None]:
    if shutil.which("dovecot") is None:
        pytest.skip("no Dovecot (Debian: dovecot-imapd dovecot-lmtpd dovecot-submissiond)")
    user = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
    as_user = {"user": user.pw_uid, "group": user.pw_gid} if os.geteuid() == 0 else {}  # the recipe is for no root
    group = grp.getgrgid(user.pw_gid).gr_name
    file = folder / "dovecot.conf"
    file.write_text(settings.format(folder=folder, user=user.pw_name, group=group, **ports))
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user.pw_uid, user.pw_gid)
    with _process(["dovecot", "-F", "-c", file], ports["imap"], **as_user):
        yield


def _jwt(key: rsa.RSAPrivateKey, email: str, expires_in: int) -> str:
    now = int(time.time())
    parts = (
        {"alg": "RS256", "typ": "JWT", "kid": "default"},
        {"sub": email, "email": email, "iat": now - 60, "exp": now + expires_in},
    )
    signed = ".".join(_urlsafe(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_urlsafe(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _urlsafe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


# --- Postfix --------------------------------------------------------------------------------------------------------

_MASTER_PROGRAM = "/usr/lib/postfix/sbin/master"
_QUEUES = [
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "maildrop",
    "pid",
    "private",
    "public",
    "saved",
    "trace",
]
_MAIN = """
compatibility_level = 3.6
mail_owner = postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
message_size_limit = {largest}
virtual_mailbox_domains = esms.mssante.fr medecin.mssante.fr patient.mssante.fr
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {{ ferme.mssante.fr = smtp:[127.0.0.1]:{next} }} }}
default_transport = error:5.1.2 domain not in the MSSante white list
relay_transport = error:5.1.2 domain not in the MSSante white list
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/pki/server.pem
smtpd_tls_key_file = {folder}/pki/server.key.pem
smtpd_tls_CAfile = {folder}/pki/ca.pem
smtpd_tls_req_ccert = yes
smtpd_tls_ccert_verifydepth = 3
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_client_restrictions = permit_tls_all_clientcerts, reject
smtpd_relay_restrictions = permit_tls_all_clientcerts, reject_unauth_destination
"""
_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


@pytest.fixture(scope="session")
def running_postfix(running_dovecot: MailServer) -> Iterator[MailServer]:
    """An operator that relays, to the mailboxes of `running_dovecot`, for whoever has a good certificate."""
    if not Path(_MASTER_PROGRAM).is_file():
        pytest.skip("no Postfix (Debian: postfix)")
    if os.geteuid() != 0:
        pytest.skip("Postfix wants root")
    ports = {**running_dovecot.ports, **_free_ports("smtp")}
    with _folder("postfix") as folder:
        shutil.copytree(running_dovecot.pki.folder, folder / "pki")
        for name in ("etc", "data", *(f"queue/{one}" for one in _QUEUES)):
            (folder / name).mkdir(parents=True)
        for path in (folder / "data", *folder.glob("queue/*")):
            shutil.chown(path, "root" if path.name == "pid" else "postfix")
        for name, text in (("main.cf", _MAIN), ("master.cf", _MASTER)):
            file = folder / "etc" / name
            file.write_text(text.format(folder=folder, largest=LARGEST, **ports))
            os.utime(file, (0, 0))  # Postfix waits for a file that may still be being written
        # Not `postfix start`, which takes seconds for checks of what was made right here.
        with _process([_MASTER_PROGRAM, "-c", folder / "etc", "-d"], ports["smtp"]):
            yield MailServer(running_dovecot.pki, running_dovecot.folder, ports, running_dovecot.next)


# --- what both need -------------------------------------------------------------------------------------------------


@contextmanager
def _next_server() -> Iterator[tuple[NextServer, int]]:
    handler = NextServer()
    port = _free_ports("next")["next"]
    controller = Controller(handler, hostname="127.0.0.1", port=port, data_size_limit=2 * LARGEST)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """Short, since the paths of sockets have 107 characters at most."""
    folder = Path(tempfile.mkdtemp(prefix=f"dui-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _free_ports(*names: str) -> dict[str, int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    found = {name: int(probe.getsockname()[1]) for name, probe in zip(names, probes, strict=True)}
    for probe in probes:
        probe.close()
    return found


@contextmanager
def _process(command: Sequence[str | Path], port: int, **as_user: Any) -> Iterator[None]:
    """A server in a process group of its own; its port answers, and it is gone afterwards."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, **as_user)
    try:
        _await(port)
        yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # asked politely, Dovecot takes up to 6 seconds
        server.wait()


def _await(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
