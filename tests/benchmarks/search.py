"""Search among a million products through the HTTP API, and what a thousand new ones cost.

Names are made of a real kind of product, some far more common than others, and of words from a vocabulary of 16,000 that are as
unevenly common as words of a language are.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import quote

import asyncpg

from services.listings.domain.words import SHORTEST_CORRECTED, shortened, words_of
from services.listings.queries.searching import corrected
from shared.db import Reader
from shared.ids import new_id
from tests.benchmarks.ground import Ground
from tests.benchmarks.load import load, request
from tests.benchmarks.measure import Figure, median

ROWS = 1_000_000
RUNS = 3
REQUESTS = 1_000
CLIENTS = 2
BUSINESSES = 20_000
DISTRICTS = [f"31.7{city}.{district:02d}" for city in range(1, 6) for district in range(1, 9)]
_KINDS = """
keripik kue sambal kopi batik rendang bakso dodol sirup abon kerupuk teh tas mukena sabun roti bumbu ikan rempeyek jamu kaos
gelang lilin pot kompos madu tempe tahu cilok pastel
"""
KINDS = _KINDS.split()


async def measure(ground: Ground) -> list[Figure]:
    """Fill, then measure each kind of query, and inserts."""
    dsn = await ground.database("search")
    market = _Market(Random(20))  # noqa: S311 -- names of products, not secrets
    connection = await asyncpg.connect(dsn, command_timeout=900)
    try:
        await _fill(connection, market)
        figures = [
            Figure("search: 1,000 products put on show", await _insert(connection, market), "s", at_most=0.5),
            Figure("search: single-letter errors repaired", await _repaired(connection, market), "%", at_least=65),
        ]
    finally:
        await connection.close()
    async with ground.server(["services", "run", "listings"], ground.environment(dsn)) as port:
        for name, queries, most_ms in (
            ("two words", market.two_words, 25),
            ("one very common word, ranked", market.one_common_word, 60),
            ("two words, one misspelled", market.misspelled, 40),
            ("two words in a kecamatan", market.in_a_district, 10),
            ("suggestions while typing", market.beginnings, None),
        ):
            await load(port, _requests(queries, 200), clients=CLIENTS)  # warm
            runs = [
                (await load(port, _requests(queries, REQUESTS), clients=CLIENTS)).only(200).run for _ in range(RUNS)
            ]
            slow = median([run.percentile_ms(95) for run in runs])
            figures.append(Figure(f"search: {name}, p95", slow, "ms", at_most=most_ms))
    return figures


def _requests(queries: Iterator[str], count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield request("GET", f"/api/v1/listings{next(queries)}")


class _Market:
    """What is sold, and what people type."""

    def __init__(self, random: Random) -> None:
        self.random = random
        syllables = [a + b for a in "bcdghjklmnprst" for b in "aeiou"]
        words = {
            "".join(random.choices(syllables, k=random.randint(2, 4))) + random.choice(["", "n", "ng", "s", "r"])
            for _ in range(40_000)
        }
        self.vocabulary = sorted(words)[:16_000]
        random.shuffle(self.vocabulary)
        self._weights = [1 / place for place in range(10, 10 + len(self.vocabulary))]
        self._kind_weights = [1 / place for place in range(3, 3 + len(KINDS))]
        self.names: list[str] = []

    def new_names(self, count: int) -> list[str]:
        """Make names of products."""
        kinds = self.random.choices(KINDS, self._kind_weights, k=count)
        more = self.random.choices(self.vocabulary, self._weights, k=3 * count)
        return [
            " ".join([kind, *more[3 * place : 3 * place + self.random.randint(1, 3)]]).capitalize()
            for place, kind in enumerate(kinds)
        ]

    def _pair(self) -> list[str]:
        return words_of(self.random.choice(self.names))[:2]

    @property
    def two_words(self) -> Iterator[str]:
        """Two words that stand in one name."""
        while True:
            yield f"?q={quote(' '.join(self._pair()))}"

    @property
    def one_common_word(self) -> Iterator[str]:
        """The most common kinds."""
        while True:
            yield f"?q={self.random.choice(KINDS[:3])}"

    def slip(self, word: str) -> str:
        """Write a word with one letter wrong, missing, too many, or two exchanged."""
        place, letter = self.random.randrange(1, len(word)), self.random.choice("abcdefghijklmnoprstu")
        return self.random.choice(
            [
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :],
            ]
        )

    def misspelled_pair(self) -> tuple[list[str], list[str]]:
        """Two words of one name, and how they are typed: the longer one with a slip."""
        while True:
            meant = self._pair()
            if len(meant) == 2:
                typed = list(meant)
                at = max((0, 1), key=lambda place: len(meant[place]))
                typed[at] = self.slip(meant[at])
                if typed != meant:
                    return meant, typed

    @property
    def misspelled(self) -> Iterator[str]:
        """Two words, one of them misspelled."""
        while True:
            yield f"?q={quote(' '.join(self.misspelled_pair()[1]))}"

    @property
    def in_a_district(self) -> Iterator[str]:
        """Two words, in one kecamatan."""
        while True:
            yield f"?q={quote(' '.join(self._pair()))}&district_code={self.random.choice(DISTRICTS)}"

    @property
    def beginnings(self) -> Iterator[str]:
        """The first letters of a word."""
        while True:
            yield f"/suggestions?q={self.random.choice(self.vocabulary)[:3]}"


async def _fill(connection: asyncpg.Connection, market: _Market) -> None:
    """Write the rows as they would be after a million publishings; the copies in them are written, not looked up."""
    market.names = market.new_names(ROWS)
    now = datetime.now(UTC)
    await connection.execute(
        "SET search_path = listings, public; SET session_replication_role = replica; DROP INDEX listings_search"
    )
    posts = [
        (new_id(), f"Posyantek {number}", code, "district", f"Kecamatan {number}")
        for number, code in enumerate(DISTRICTS)
    ]
    await connection.copy_records_to_table("posts", records=posts)
    shops = [
        (new_id(), new_id(), posts[number % len(posts)][0], f"Dapur {number}", "+628110000001", "verified", new_id(), 1, now,
         DISTRICTS[number % len(posts)])
        for number in range(BUSINESSES)
    ]  # fmt: skip
    await connection.copy_records_to_table(
        "businesses",
        records=shops,
        columns=["id", "owner_account_id", "post_id", "name", "whatsapp", "status", "reviewed_by", "version", "registered_at",
                 "district_code"],
    )  # fmt: skip
    records = (
        (new_id(), shop[0], shop[2], name, "Dibuat sendiri di rumah, renyah dan gurih.", "snacks", 15_000 + place % 90_000,
         "bungkus", "published", 2, now, now - timedelta(seconds=ROWS - place), shop[3], "Posyantek", "+628110000001", shop[9])
        for place, name in enumerate(market.names)
        for shop in [shops[place * 7919 % BUSINESSES]]
    )  # fmt: skip
    await connection.copy_records_to_table("listings", records=records, columns=_COLUMNS)
    counted = Counter(word for name in market.names for word in words_of(name))
    await connection.copy_records_to_table("words", records=counted.items())
    forms = ((form, word) for word in counted if len(word) >= SHORTEST_CORRECTED for form in shortened(word))
    await connection.copy_records_to_table("shortened_words", records=forms)
    await connection.execute(
        """
        CREATE INDEX listings_search ON listings USING gin (district_code, search) WITH (fastupdate = off)
            WHERE status = 'published';
        SET session_replication_role = origin
        """
    )
    await connection.execute("VACUUM ANALYZE")


_COLUMNS = [
    "id", "business_id", "post_id", "name", "description", "category", "price_idr", "unit", "status", "version", "created_at",
    "published_at", "business_name", "post_name", "whatsapp", "district_code",
]  # fmt: skip


async def _insert(connection: asyncpg.Connection, market: _Market) -> float:
    """Put a thousand products on show in one transaction, with all indexes and triggers. Gives the median seconds."""
    shop = await connection.fetchrow("SELECT id, post_id FROM businesses LIMIT 1")
    took = []
    for _ in range(RUNS):
        rows = [(new_id(), name) for name in market.new_names(1000)]
        started = time.perf_counter()
        await connection.execute(
            """
            INSERT INTO listings (id, business_id, post_id, name, description, category, price_idr, status, version, created_at,
                                  published_at)
            SELECT id, $3, $4, name, 'Dibuat sendiri.', 'snacks', 15000, 'published', 2, clock_timestamp(), clock_timestamp()
            FROM unnest($1::uuid[], $2::text[]) AS given (id, name)
            """,
            [row[0] for row in rows], [row[1] for row in rows], shop["id"], shop["post_id"],
        )  # fmt: skip
        took.append(time.perf_counter() - started)
    return median(took)


async def _repaired(connection: asyncpg.Connection, market: _Market) -> float:
    """How many of a thousand pairs with one slip are read as they were meant, in percent."""
    right = 0
    for _ in range(1000):
        meant, typed = market.misspelled_pair()
        right += await corrected(Reader(connection), typed) == meant
    return right / 10
