"""How root runs a program that refuses to be root: in a user namespace as nobody, or else really as nobody.

A namespace keeps the files root's own, so the program runs below folders that only root may enter (a virtual
environment in root's home). Many containers forbid namespaces; there `setpriv` drops to nobody, and only if a folder
above is closed to nobody is the one capability kept that passes by file modes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from shared.processes import run

_NOBODY = 65534


class Identity(NamedTuple):
    """A command prefix that makes a program run unprivileged, and the owner that the program's files need."""

    prefix: tuple[str, ...]
    owner: int


def unprivileged_identity(program: Path, folder: Path) -> Identity:
    """Find how to run `program` with write access to `folder`, which changes its owner to suit.

    An ordinary user needs no prefix. Raises `PermissionError` with the reasons when no way works.
    """
    refusals = []
    for identity in _candidates():
        if identity.prefix and shutil.which(identity.prefix[0]) is None:
            refusals.append(f"{identity.prefix[0]}: tidak ada")
            continue
        hand_over(folder, identity)
        probe = run((*identity.prefix, "sh", "-c", '"$0" --version && test -w "$1"', str(program), str(folder)))
        if probe.returncode == 0:
            return identity
        refusals.append(f"{' '.join(identity.prefix)}: {probe.stdout.strip()}")
    raise PermissionError(f"{program.name} tidak dapat dijalankan di {folder}:\n" + "\n".join(refusals))


def hand_over(path: Path, identity: Identity) -> None:
    """Give `path`, and all below it, to the identity's owner; only root can, and only root needs to."""
    if os.geteuid() != 0:
        return
    for each in (path, *path.rglob("*")):
        if each.lstat().st_uid != identity.owner:
            os.chown(each, identity.owner, identity.owner, follow_symlinks=False)


def _candidates() -> tuple[Identity, ...]:
    if os.geteuid() != 0:
        return (Identity((), os.geteuid()),)
    as_nobody = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")
    past_modes = (
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",  # else access(2), which initdb asks first, leaves capabilities out
    )
    return (
        Identity(("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"), 0),
        Identity(as_nobody, _NOBODY),
        Identity((*as_nobody, *past_modes), _NOBODY),
    )
