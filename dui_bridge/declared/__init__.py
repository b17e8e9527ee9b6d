"""YAML as a person wrote it: every scalar as text, every key and value with its place."""

from dui_bridge.declared.nodes import Mapping, Node, Scalar, Sequence, merge, plain
from dui_bridge.declared.problems import Problems
from dui_bridge.declared.reader import load, loads

__all__ = ["Mapping", "Node", "Problems", "Scalar", "Sequence", "load", "loads", "merge", "plain"]
