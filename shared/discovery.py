"""Finds the services: every folder of a package that has an `app.py` with `service` in it. A new service is a new folder."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType

from shared.service import Service


def discover(package: ModuleType) -> list[Service]:
    """Give a package's services, by name."""
    found = []
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg and importlib.util.find_spec(f"{package.__name__}.{module.name}.app") is not None:
            app = importlib.import_module(f"{package.__name__}.{module.name}.app")
            service = app.service
            assert isinstance(service, Service), f"{app.__name__}.service is not a Service"
            assert service.name == module.name, f"{module.name} calls itself {service.name}"
            found.append(service)
    return sorted(found, key=lambda service: service.name)
