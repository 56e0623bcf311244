"""Every template by its id. An id stays for good, and so do the facts it needs: messages of years ago are written by them."""

from __future__ import annotations

from services.notifications.domain.template import Template
from services.notifications.domain.templates.groups import GROUPS
from services.notifications.domain.templates.members import MEMBERS
from services.notifications.domain.templates.money import MONEY
from services.notifications.domain.templates.needs import NEEDS
from services.notifications.domain.templates.officers import OFFICERS
from services.notifications.domain.templates.suppliers import SUPPLIERS

TEMPLATES: dict[str, Template] = {**MEMBERS, **MONEY, **GROUPS, **SUPPLIERS, **OFFICERS, **NEEDS}

QUIET = frozenset(name for name, template in TEMPLATES.items() if template.quiet)
"""Those that stay in the inbox."""
