"""SQL of the words that products are called by: learning, correcting and completing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from services.listings.domain.words import SHORTEST_CORRECTED, shortened, words_of
from shared.db import Reader, Transaction, columns

# In the order of the words, so that two who publish at the same time cannot wait for each other.
COUNT = """
INSERT INTO words (word, listings)
SELECT word, listings FROM unnest($1::text[], $2::int[]) AS told (word, listings) ORDER BY word
ON CONFLICT (word) DO UPDATE SET listings = words.listings + excluded.listings
RETURNING word, xmax = 0 AS is_new
"""

SHORTEN = """
INSERT INTO shortened_words (shortened, word) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
"""


async def learn(tx: Transaction, names: Iterable[str]) -> None:
    """Learn the words of products' names; those that are new can be corrected to from now on."""
    counted = Counter(word for name in names for word in words_of(name))
    if not counted:
        return
    rows = await tx.rows(COUNT, *columns(sorted(counted.items()), 2))
    new = sorted(row["word"] for row in rows if row["is_new"])
    forms = [(form, word) for word in new if len(word) >= SHORTEST_CORRECTED for form in shortened(word)]
    if forms:
        await tx.run(SHORTEN, *columns(forms, 2))


KNOWN = "SELECT word, listings FROM words WHERE word = ANY ($1::text[])"


async def known(sql: Reader, words: Sequence[str]) -> dict[str, int]:
    """Give those words that products are called by, and how many are."""
    return {row["word"]: row["listings"] for row in await sql.rows(KNOWN, list(words))}


ONE_SLIP_AWAY = """
SELECT DISTINCT typed, word, listings
FROM unnest($1::text[], $2::text[]) AS asked (typed, form)
JOIN shortened_words ON shortened = form JOIN words USING (word)
"""

# Three slips in a long word are beyond the forms above; trigrams still see the likeness. Only where nothing nearer is there.
ALIKE = """
SELECT typed, word, listings FROM unnest($1::text[]) AS asked (typed)
CROSS JOIN LATERAL (SELECT word, listings FROM words WHERE word % typed ORDER BY similarity(word, typed) DESC LIMIT 20) AS alike
"""


async def candidates(sql: Reader, typed: Sequence[str]) -> dict[str, dict[str, int]]:
    """Give, for each word typed, the words that may have been meant, and how common they are."""
    asked = [(word, form) for word in typed if len(word) >= SHORTEST_CORRECTED for form in shortened(word)]
    found: dict[str, dict[str, int]] = {word: {} for word in typed}
    if not asked:
        return found
    for row in await sql.rows(ONE_SLIP_AWAY, *columns(asked, 2)):
        found[row["typed"]][row["word"]] = row["listings"]
    lost = [word for word in typed if not found[word] and len(word) > SHORTEST_CORRECTED]
    if lost:
        for row in await sql.rows(ALIKE, lost):
            found[row["typed"]][row["word"]] = row["listings"]
    return found


# A range, not LIKE: a prepared pattern would find no index. `{` follows z.
BEGINNING = """
SELECT word FROM words WHERE word ~>=~ $1 AND word ~<~ ($1 || '{') ORDER BY listings DESC, word LIMIT $2
"""


async def beginning(sql: Reader, start: str, limit: int) -> list[str]:
    """Give the most common words that begin so. `start` has letters and digits only."""
    return [row["word"] for row in await sql.rows(BEGINNING, start, limit)]
