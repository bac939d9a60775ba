"""The doctor names what is missing and the line that installs it."""

from collections import namedtuple

import pytest

from coursekit import CourseError, doctor


def test_a_machine_with_everything_needs_no_remedy():
    assert [finding.name for finding in doctor.examine() if finding.remedy] == []


def test_an_old_python_is_named_with_the_line_that_takes_a_newer_one(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9, 2))
    finding = doctor.python()
    assert finding.found.startswith("3.9.2")
    assert "PYTHON=" in finding.remedy


def test_what_is_missing_gives_the_line_of_this_systems_package_manager(monkeypatch, tmp_path):
    present = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr(doctor.shutil, "which", lambda name, path=None: present.get(name))
    monkeypatch.setattr(doctor, "POSTGRES", tmp_path)
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    assert doctor.bubblewrap().remedy == "sudo apt-get install -y bubblewrap"
    assert doctor.browser().remedy == "sudo apt-get install -y chromium"
    assert doctor.database().remedy == "sudo apt-get install -y postgresql"
    present = {"dnf": "/usr/bin/dnf"}
    assert doctor.database().remedy == "sudo dnf install -y postgresql-server"


def test_a_server_is_found_where_debian_keeps_it_out_of_path(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "POSTGRES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert doctor.postgres_programs() is None
    for folder in (tmp_path / "bin", tmp_path / "17" / "bin"):
        folder.mkdir(parents=True)
        (folder / "psql").touch(0o755)  # a client is no server
        assert doctor.postgres_programs() == (tmp_path / "bin" if folder.parent != tmp_path else None)
        (folder / "initdb").touch(0o755)
        assert doctor.postgres_programs() == folder


def test_without_a_package_manager_the_remedy_is_a_sentence(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert "package manager" in doctor.install_line("bubblewrap")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ["torch", "no-such-package"])
    finding = doctor.packages()
    assert finding.found == "missing: no-such-package"
    assert finding.remedy == "make setup"


def test_a_full_disk_is_named(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage(10, 10, 5_000_000))
    assert "free some space" in doctor.disk().remedy


def test_a_folder_that_may_not_be_written_is_named(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: False)
    assert "not writable" in doctor.disk().found


def test_system_packages_are_installed_only_where_no_password_is_asked(monkeypatch):
    ran = []
    monkeypatch.setattr(doctor.subprocess, "run", lambda command, **options: ran.append(command))
    asks = doctor.Finding("Sandbox", "missing", "sudo apt-get install -y bubblewrap")
    assert doctor.install_system_packages([asks]) == []
    assert ran == []
    as_root = doctor.Finding("Sandbox", "missing", "apt-get install -y bubblewrap")
    assert doctor.install_system_packages([as_root]) == ["bubblewrap"]
    assert ran[-1][-1] == "bubblewrap"


def test_postgresql_is_installed_without_a_database_that_would_run_from_then_on(monkeypatch, tmp_path):
    defaults = tmp_path / "postgresql-common" / "createcluster.conf"
    found = []
    monkeypatch.setattr(doctor, "CLUSTERS", defaults)
    monkeypatch.setattr(doctor.subprocess, "run", lambda command, **_: found.append(defaults.read_text()))
    as_root = doctor.Finding("PostgreSQL for the tests", "missing", "apt-get install -y postgresql")
    assert doctor.install_system_packages([as_root]) == ["postgresql"]
    assert set(found) == {"create_main_cluster = false\n"}


def test_a_package_manager_that_fails_is_named(monkeypatch):
    def fail(command, **options):
        raise doctor.subprocess.CalledProcessError(100, command)

    monkeypatch.setattr(doctor.subprocess, "run", fail)
    as_root = doctor.Finding("Sandbox", "missing", "apt-get install -y bubblewrap")
    with pytest.raises(CourseError, match="could not install bubblewrap"):
        doctor.install_system_packages([as_root])


def test_a_missing_compiler_is_told_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 0)
    monkeypatch.setattr(doctor.shutil, "which", {"apt-get": "/usr/bin/apt-get"}.get)
    assert doctor.compiler().remedy == "apt-get install -y g++"
    monkeypatch.setattr(doctor.shutil, "which", {"dnf": "/usr/bin/dnf"}.get)
    assert doctor.compiler().remedy == "dnf install -y gcc-c++"
    monkeypatch.setattr(doctor.shutil, "which", {"clang++": "/usr/bin/clang++"}.get)
    assert doctor.compiler() == doctor.Finding("C++ compiler for the tests", "/usr/bin/clang++")
