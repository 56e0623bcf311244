"""SQL of what is known of others' facts: posts, and machines owned."""

from __future__ import annotations

from uuid import UUID

from shared.contracts.offers import TechnologyPublished
from shared.contracts.pools import MachineOwned
from shared.contracts.posyantek import PostRegistered
from shared.db import Reader, Transaction

KEEP_POST = """
INSERT INTO posts (post_id, name, region_code, region_level, region_name) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post_id) DO UPDATE
SET name = excluded.name, region_code = excluded.region_code,
    region_level = excluded.region_level, region_name = excluded.region_name
"""


async def keep_post(tx: Transaction, event: PostRegistered) -> None:
    """Keep a copy of a post."""
    await tx.run(KEEP_POST, event.post_id, event.name, event.region_code, event.region_level, event.region_name)


async def post_known(sql: Reader, post_id: UUID) -> bool:
    """Look whether a post has been heard of."""
    return bool(await sql.value("SELECT EXISTS (SELECT FROM posts WHERE post_id = $1)", post_id))


async def post_names(sql: Reader) -> dict[str, object]:
    """Give the name of each post, as it was heard."""
    return {str(row["post_id"]): row["name"] for row in await sql.rows("SELECT post_id, name FROM posts")}


KEEP_MACHINE = """
INSERT INTO machine_owned (pledge_id, account_id, technology_id, post_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (pledge_id) DO NOTHING
"""


async def keep_machine(tx: Transaction, event: MachineOwned) -> None:
    """Keep a copy of who owns a machine."""
    await tx.run(KEEP_MACHINE, event.pledge_id, event.account_id, event.technology_id, event.post_id)


KEEP_TECHNOLOGY = """
INSERT INTO technologies (technology_id, slug, name_id, name_en) VALUES ($1, $2, $3, $4)
ON CONFLICT (technology_id) DO UPDATE SET slug = excluded.slug, name_id = excluded.name_id, name_en = excluded.name_en
"""


async def keep_technology(tx: Transaction, event: TechnologyPublished) -> None:
    """Keep a copy of what a technology is called."""
    await tx.run(KEEP_TECHNOLOGY, event.technology_id, event.slug, event.name_id, event.name_en)
