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


def test_missing_bubblewrap_and_chromium_give_the_line_of_this_systems_package_manager(monkeypatch):
    present = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr(doctor.shutil, "which", present.get)
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    assert doctor.bubblewrap().remedy == "sudo apt-get install -y bubblewrap"
    assert doctor.browser().remedy == "sudo apt-get install -y chromium"


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


def test_a_package_manager_that_fails_is_named(monkeypatch):
    def fail(command, **options):
        raise doctor.subprocess.CalledProcessError(100, command)

    monkeypatch.setattr(doctor.subprocess, "run", fail)
    as_root = doctor.Finding("Sandbox", "missing", "apt-get install -y bubblewrap")
    with pytest.raises(CourseError, match="could not install bubblewrap"):
        doctor.install_system_packages([as_root])
