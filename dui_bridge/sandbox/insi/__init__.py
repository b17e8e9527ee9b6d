"""A téléservice INSi that answers over mutual TLS, from the official test identities and those it is given."""

from dui_bridge.sandbox.insi.persons import Number, Person, official_persons, read_persons
from dui_bridge.sandbox.insi.request import Search
from dui_bridge.sandbox.insi.server import IDAM, Call, InsiServer
from dui_bridge.sandbox.insi.trouble import Trouble

__all__ = ["IDAM", "Call", "InsiServer", "Number", "Person", "Search", "Trouble", "official_persons", "read_persons"]
