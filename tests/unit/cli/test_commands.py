"""The table of commands is what the commands say of themselves; every option explains itself; exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_site import invoke

import dui_bridge.cli
from dui_bridge import __version__
from dui_bridge.cli.root import COMMANDS, root

CLI = Path(dui_bridge.cli.__file__).parent
CHECKOUT = Path(__file__).parents[3]


def every_command() -> Iterator[tuple[str, Any]]:
    """Words → command, of all that can be called."""

    def below(words: str, command: Any, parent: Any) -> Iterator[tuple[str, Any]]:
        context = command.context_class(command, info_name=words, parent=parent)
        if not hasattr(command, "list_commands"):
            yield words, command
            return
        for name in command.list_commands(context):
            yield from below(f"{words} {name}".strip(), command.get_command(context, name), context)

    return below("", root(), None)


ALL = dict(every_command())


def test_each_module_of_a_command_stands_in_the_table() -> None:
    modules = {path.name.removesuffix("_command.py").replace("_", "-") for path in CLI.glob("*_command.py")}

    assert modules == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_table_opens_the_commands_own_help(name: str) -> None:
    own = invoke(name, "--help")

    assert own.code == 0
    assert COMMANDS[name] in " ".join(own.stdout.split())


@pytest.mark.parametrize("words", ALL)
def test_every_command_says_what_it_does_and_explains_each_argument_and_option(words: str) -> None:
    command = ALL[words]

    assert command.help
    assert [parameter.name for parameter in command.params if not parameter.help] == []


def test_the_version_is_told() -> None:
    told = invoke("--version")

    assert (told.code, told.stdout) == (0, f"dui-bridge {__version__}\n")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nothing"], id="unknown command"),
        pytest.param(["run", "--nothing"], id="unknown option"),
        pytest.param(["mapping", "check"], id="missing argument"),
        pytest.param(["schema", "nothing"], id="unknown choice"),
        pytest.param(["run", "--config", "absent.yaml"], id="run: no site file"),
        pytest.param(["config", "check", "--config", "absent.yaml"], id="config check: no file"),
        pytest.param(["config", "show", "--config", "absent.yaml"], id="config show: no file"),
        pytest.param(["mapping", "check", "absent.yaml"], id="mapping check: no file"),
        pytest.param(["cda", "validate", "absent.xml"], id="cda validate: no file"),
    ],
)
def test_usage_and_what_cannot_be_read_is_2_in_words(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = invoke(*words)

    assert ended.code == 2
    assert ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_finds_errors_is_1(tmp_path: Path) -> None:
    site = tmp_path / "bridge.yaml"
    site.write_text("site: A B\nprofil: sandbox\n", encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("mapping: m\nversoin: 1\n", encoding="utf-8")
    document = tmp_path / "document.xml"
    document.write_text("<ClinicalDocument xmlns='urn:hl7-org:v3'/>", encoding="utf-8")

    checks = [
        invoke("config", "check", "--config", str(site)),
        invoke("mapping", "check", str(mapping)),
        invoke("cda", "validate", str(document)),
    ]

    assert [check.code for check in checks] == [1, 1, 1]
    assert "'versoin': did you mean 'version'?" in checks[1].stdout


def test_a_check_that_finds_nothing_is_0() -> None:
    ended = invoke("mapping", "check", str(CHECKOUT / "samples" / "atlas-ph" / "atlas-ph.yaml"))

    assert ended.code == 0, ended.stdout


@pytest.mark.parametrize("kind", ["site", "mapping", "policy"])
def test_the_schema_printed_is_the_one_of_the_project(kind: str) -> None:
    kept = CHECKOUT / "config" / "schemas" / f"{kind}.schema.json"

    assert invoke("schema", kind).stdout == kept.read_text(encoding="utf-8")
