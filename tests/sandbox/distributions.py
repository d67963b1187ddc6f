"""Small packages and where they are fetched from: a folder of wheels for pip, a registry on loopback for npm."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SYSTEM = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    needs: Sequence[str] = (),
    scripts: Sequence[str] = (),
    text: str = "",
) -> str:
    """Adds a wheel with one module (`text`, or one that says its name) to the folder; its line in a lock."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {one}\n" for one in needs)
    programs = "".join(f"{one} = {module}:main\n" for one in scripts)
    files = {
        f"{module}.py": text or f"def main():\n    print('{name} {version}')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{programs}",
    }
    listed = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder.mkdir(exist_ok=True)
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, content in {**files, f"{info}/RECORD": listed}.items():
            archive.writestr(zipfile.ZipInfo(inside), content)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def pip_env(folder: Path) -> dict[str, str]:
    """The environment of a person whose pip takes packages from the folder alone."""
    return {
        **SYSTEM,
        "HOME": str(folder),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_CONFIG_FILE": "/dev/null",
    }


def tarball(name: str, *, version: str = "1.0.0", needs: Mapping[str, str] | None = None, **more: object) -> bytes:
    """A package as npm packs it, with a program that says its name."""
    described = {"name": name, "version": version, "dependencies": needs or {}, "bin": "cli.js", **more}
    files = {"package.json": json.dumps(described), "cli.js": f"console.log('{name} {version}')\n"}
    files["main.js"] = "module.exports = 4\n"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for path, text in files.items():
            row = tarfile.TarInfo(f"package/{path}")
            row.size = len(text)
            archive.addfile(row, io.BytesIO(text.encode()))
    return data.getvalue()


def integrity(data: bytes) -> str:
    """As npm's lock files have it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


@contextmanager
def npm_registry(packages: Mapping[str, bytes], home: Path) -> Iterator[dict[str, str]]:
    """Serves one version of each package; gives the environment of a person whose npm takes them from there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, _, file = self.path.strip("/").partition("/-/")
            data = packages.get(name)
            if data is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data if file else json.dumps(_packument(name, data, url)).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        settings = {"npm_config_registry": f"{url}/", "npm_config_cache": str(home / "npm-cache")}
        yield {**SYSTEM, "HOME": str(home), **settings}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _packument(name: str, data: bytes, url: str) -> dict[str, object]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        file = archive.extractfile("package/package.json")
        described = json.loads(file.read()) if file else {}
    version = described["version"]
    found = {"tarball": f"{url}/{name}/-/{version}.tgz", "integrity": integrity(data)}
    row = {**described, "dist": found, "hasInstallScript": "scripts" in described}
    return {"name": name, "dist-tags": {"latest": version}, "versions": {version: row}}
