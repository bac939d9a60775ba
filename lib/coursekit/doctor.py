"""What this machine lacks to build the book and to grade, and the line that installs each missing thing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from coursekit import CourseError

OLDEST_PYTHON = (3, 11)
FREE_BYTES_NEEDED = 1_000_000_000  # a built book, its cache and a graded sample class take less than this
PACKAGES = ["torch", "jupyter-book", "nbgrader", "nbclient", "anywidget", "scikit-learn", "playwright"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
COMPILERS = ("g++", "clang++", "c++")
POSTGRES = Path("/usr/lib/postgresql")  # where Debian keeps the programs of a server, out of PATH
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, what was found, and the line that mends it (empty when all is well)."""

    name: str
    found: str
    remedy: str = ""


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return Finding("Python", version)
    return Finding(
        "Python", f"{version}, where 3.11 or newer is needed", "rm -rf .venv && make PYTHON=python3.11 course"
    )


def packages() -> Finding:
    missing = []
    for name in PACKAGES:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("Python packages", f"missing: {', '.join(missing)}", "make setup")
    return Finding("Python packages", f"{len(PACKAGES)} of {len(PACKAGES)} present")


def install_line(package: str) -> str:
    """The shell line that installs a system package here."""
    for manager, line in {
        "apt-get": "apt-get install -y",
        "dnf": "dnf install -y",
        "pacman": "pacman -S --noconfirm",
        "zypper": "zypper install -y",
        "apk": "apk add",
    }.items():
        if shutil.which(manager):
            return ("" if os.geteuid() == 0 else "sudo ") + f"{line} {package}"
    return f"install {package} with your system's package manager"


def bubblewrap() -> Finding:
    """Bubblewrap has to be there and has to work: some containers refuse the namespaces that it needs."""
    if shutil.which("bwrap") is None:
        return Finding("Sandbox", "bubblewrap is not installed, so nothing can be graded", install_line("bubblewrap"))
    from coursekit.grading import groups
    from coursekit.grading.sandbox import Sandbox, SandboxUnavailable

    try:
        return Finding("Sandbox", f"{Sandbox.find().name}; limits: {groups.statement(groups.available())}")
    except SandboxUnavailable as error:
        return Finding("Sandbox", "bubblewrap is installed, but does not seal", str(error))


def browser() -> Finding:
    for name in BROWSERS:
        if path := shutil.which(name):
            return Finding("Browser for the page tests", path)
    return Finding("Browser for the page tests", "no Chromium found", install_line("chromium"))


def postgres_programs() -> Path | None:
    """The folder of `initdb`, `pg_ctl` and the other programs of a PostgreSQL server."""
    folders = [*sorted(map(str, POSTGRES.glob("*/bin")), reverse=True), os.environ.get("PATH", "")]
    found = shutil.which("initdb", path=os.pathsep.join(folders))
    return Path(found).parent if found else None


def database() -> Finding:
    """The tests of a gradebook in PostgreSQL start a server of their own; grading needs none."""
    if folder := postgres_programs():
        return Finding("PostgreSQL for the tests", str(folder))
    package = "postgresql-server" if shutil.which("dnf") or shutil.which("zypper") else "postgresql"
    return Finding("PostgreSQL for the tests", "no server found", install_line(package))


def compiler() -> Finding:
    """The tests of compiled training need one, since torch.compile writes C++ for a CPU; nothing else does."""
    if path := next(filter(None, map(shutil.which, COMPILERS)), None):
        return Finding("C++ compiler for the tests", path)
    names = {"dnf": "gcc-c++", "zypper": "gcc-c++", "pacman": "gcc"}
    package = next((name for manager, name in names.items() if shutil.which(manager)), "g++")
    return Finding("C++ compiler for the tests", "none found", install_line(package))


def disk(folder: Path = Path()) -> Finding:
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        return Finding("Disk", f"{folder.resolve()} is not writable", "work in a folder that you may write to")
    if free < FREE_BYTES_NEEDED:
        return Finding("Disk", f"{free / 1e9:.1f} GB free, where 1 GB is needed", "free some space, then run it again")
    return Finding("Disk", f"{free / 1e9:.0f} GB free")


CHECKS: list[Callable[[], Finding]] = [python, packages, bubblewrap, browser, database, compiler, disk]


def examine() -> list[Finding]:
    """Look at everything, in order."""
    return [check() for check in CHECKS]


def install_system_packages(findings: list[Finding]) -> list[str]:
    """Install what is missing, where that can be done without asking: on Debian and its kin, as root.

    Returns:
        The names of the packages that were installed.

    Raises:
        CourseError: if the package manager fails.
    """
    wanted = [f.remedy.split()[-1] for f in findings if f.remedy.startswith("apt-get install")]
    if "postgresql" in wanted:  # the programs alone: Debian would make a database and run its server from now on
        CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
        with CLUSTERS.open("a") as file:
            file.write("create_main_cluster = false\n")
    if wanted:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        try:
            subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
            subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], check=True, env=environment)
        except subprocess.CalledProcessError as error:
            names = " ".join(wanted)
            raise CourseError(
                f"apt-get could not install {names} (its message stands above): install it by hand."
            ) from error
    return wanted
