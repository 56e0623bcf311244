"""All of payments' SQL, a module per story. Every change of a pool's money happens under the lock of its row in `pools`.

Order of locks: the pool, then attempts and refunds of its pledges, receipt counters, accounts, bank accounts.
"""
