"""What runs scripts: found, started with what it is shown alone, and no more than it needs."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import NotFound
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.sandbox.confined import capture
from registry_tool.sandbox.elf import loaded, read_elf
from registry_tool.sandbox.runtimes import Runtime, named_tools, node_runtime, python_runtime, shell_runtime

SYSTEM = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def said(runtime: Runtime, script: str, folder: Path, *more: Shown) -> str:
    """What a script prints that is started by it alone."""
    folder.mkdir(exist_ok=True)
    (folder / "script").write_text(script)
    job = Job(
        (*runtime.program, "/item/script"),
        (*runtime.shown, Shown(str(folder), "/item"), *more),
        env=runtime.env,
        bounds=Bounds(memory=None),
    )
    captured = capture(job, Confinement())
    assert b"" == captured.stderr
    return captured.stdout.decode()


EVERY_MODULE = """
import asyncio, bz2, ctypes, curses, decimal, hashlib, json, lzma, readline, ssl, sqlite3, sys, uuid, zlib, zoneinfo
print(zoneinfo.ZoneInfo("Asia/Tokyo"), len(ssl.create_default_context().get_ca_certs()) > 50)
print(*[path for path in sys.path if "-packages" in path])
"""


def test_python_has_its_library_and_no_package_of_this_machine(tmp_path: Path) -> None:
    """Its compiled modules load, zones and authorities are there; packages only where they are put."""
    runtime = python_runtime(SYSTEM)
    packages = tmp_path / "packages"
    packages.mkdir()

    assert "Asia/Tokyo True\n\n" == said(runtime, EVERY_MODULE, tmp_path / "item")
    with_some = said(runtime, EVERY_MODULE, tmp_path / "item", Shown(str(packages), runtime.packages))
    assert f"Asia/Tokyo True\n{runtime.packages}\n" == with_some
    assert runtime.tag.startswith("cpython-3.")
    assert runtime.host.startswith("/usr/bin/python3")


def test_a_python_of_the_persons_own_is_shown_alone(tmp_path: Path) -> None:
    """One that lies elsewhere is shown with its library; its own packages are told, to be hidden."""
    own = python_runtime({"PATH": str(Path(sys.executable).parent)})
    real = Path(os.path.realpath(sys.executable))
    if real.parent == Path("/usr/bin"):
        assert not own.hides
        return
    nothing = tmp_path / "nothing"
    nothing.mkdir()

    assert own.hides
    assert str(real) == own.host
    assert f"Asia/Tokyo True\n{own.packages}\n" == said(
        own, EVERY_MODULE, tmp_path / "item", Shown(str(nothing), own.packages)
    )


def test_a_script_that_chooses_a_python_is_asked_which(tmp_path: Path) -> None:
    """Version managers put scripts on the PATH: what they would start is what is shown."""
    shim = tmp_path / "python3"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)

    assert os.path.realpath(sys.executable) == python_runtime({"PATH": str(tmp_path)}).host
    assert python_runtime(SYSTEM).host == python_runtime({"PATH": f"{tmp_path}:{SYSTEM['PATH']}"}).host


def test_node_runs_with_its_libraries_alone(tmp_path: Path) -> None:
    """Nothing else lies beside it."""
    script = "console.log(process.version.length > 3, require('fs').readdirSync('/usr/bin').join())"

    assert "true node\n" == said(node_runtime(SYSTEM), script, tmp_path / "item")


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_shell_has_the_tools_that_its_script_names(tmp_path: Path, shell: str) -> None:
    """And no others."""
    script = "echo c b a | tr ' ' '\\n' | sort | head -n1; echo /usr/bin/*\n"
    runtime = shell_runtime(SYSTEM, shell=shell, tools=named_tools([script.encode()]))
    first, *programs = said(runtime, script, tmp_path / "item").split()

    assert "a" == first
    assert sorted(f"/usr/bin/{name}" for name in ("echo", "head", shell, "sort", "tr")) == sorted(programs)


def test_tools_are_those_that_stand_as_words() -> None:
    """Of a fixed list: an agent's own programs, and what gives rights, are none of them."""
    texts = [b"#!/bin/sh\nsudo grep -r x | /usr/bin/sort; python3 -c pass; cat5\n", b"subprocess.run(['jq', '.'])"]

    assert ("grep", "jq", "sort") == named_tools(texts)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """Each runtime says which program is missing; one that does not start is none."""
    for name in ("python3", "node", "bash"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)

    for env in ({"PATH": "/nowhere"}, {"PATH": str(tmp_path)}):
        for runtime in (python_runtime, node_runtime, shell_runtime):
            with pytest.raises(NotFound, match="is not on the PATH"):
                runtime(env)


def test_the_persons_own_authorities_are_trusted_inside_too(tmp_path: Path) -> None:
    """A company's certificates, where a variable names them; none where that file is not there."""
    own = tmp_path / "own.pem"
    own.write_text("x")
    place = "/etc/ssl/certs/ca-certificates.crt"

    runtime = node_runtime({**SYSTEM, "SSL_CERT_FILE": str(own)})

    assert Shown(str(own), place) in runtime.shown
    assert place == runtime.env["NODE_EXTRA_CA_CERTS"]
    assert "NODE_EXTRA_CA_CERTS" not in node_runtime({**SYSTEM, "SSL_CERT_FILE": str(tmp_path / "gone")}).env


@pytest.mark.parametrize(
    "data", [b"", b"\x7fELF", b"\x7fELF\x01\x01" + bytes(80), b"#!/bin/sh\n" * 20, b"\x7fELF\x02\x01" + b"\xff" * 90]
)
def test_what_is_no_program_loads_nothing(tmp_path: Path, data: bytes) -> None:
    """Short, broken and other files, and those that are not there."""
    path = tmp_path / "file"
    path.write_bytes(data)

    assert [None, None] == [read_elf(path), read_elf(tmp_path / "gone")]
    assert {} == loaded([path])


def test_libraries_are_found_where_the_program_wants_them(tmp_path: Path) -> None:
    """What node loads is what the loader would load, each by the path that it looks for."""
    node = Path(shutil.which("node", path=SYSTEM["PATH"]) or "").resolve()

    found = loaded([node], more=["no-such-library.so"])

    assert {"libc.so.6", "libstdc++.so.6"} <= {Path(path).name for path in found}
    told = read_elf(node)
    assert told is not None
    assert told.interpreter in found
    assert all(path.is_file() for path in found.values())
