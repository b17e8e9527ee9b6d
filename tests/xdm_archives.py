"""Archives IHE_XDM.zip of invented documents, as we write them and as others might, for the tests of XDM."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO

from dui_bridge.xds.xdm import XdmDocument, XdmSender, write
from tests.xds_deposits import cda, entry, lot

SENDER = XdmSender(
    name="Foyer de vie L'Œillet",
    organization="Association Les Œillets",
    address="1 rue des Lilas, 13001 Marseille",
    phone="+33400000000",
    version="0.1.0",
    editor="Éditeur inventé",
)
METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"


@cache
def archive() -> bytes:
    """One document, as we send it."""
    return write([XdmDocument(cda(), entry())], lot(), SENDER)


def unpacked(data: bytes) -> dict[str, bytes]:
    """Name and bytes of every file, by a reader that is not ours."""
    with zipfile.ZipFile(BytesIO(data)) as read:
        assert read.testzip() is None
        return {one.filename: read.read(one) for one in read.infolist()}


def packed(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files, in this order; a name may come twice."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", method) as target:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            info = zipfile.ZipInfo(name)
            info.filename, info.compress_type = name, method
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Duplicate name")
                target.writestr(info, content)
    return data.getvalue()
