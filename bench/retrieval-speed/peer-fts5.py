"""SQLite FTS5 over the same terms, as the peer to measure against. `build FILE`: lines of source, title, text and terms
between tabs in, the figures out. `query FILE`: a line of JSON in, sets of queries, each a list of terms; their times out."""

import json
import os
import resource
import sqlite3
import sys
import time

LIMIT = 100

# The terms are ours: the index only looks for what stands between spaces.
INDEX = """create virtual table words using
  fts5(terms, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '~'''")"""

# What our index gives: the texts of the best, by BM25, any term of which may match.
SEARCH = f"""select chunks.source, chunks.title, chunks.text, found.rank
  from (select rowid, rank from words where words match ? order by rank limit {LIMIT}) as found
  join chunks on chunks.id = found.rowid order by found.rank"""


def opened(path):
    database = sqlite3.connect(path)
    database.execute("pragma cache_size = -262144")  # 256 MB: it is not to be slow for want of memory
    return database


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def build(path):
    database = opened(path)
    database.execute("create table chunks(id integer primary key, source text, title text, text text)")
    database.execute(INDEX)
    for number, line in enumerate(sys.stdin):
        source, title, text, terms = line.rstrip("\n").split("\t")
        database.execute("insert into chunks values (?, ?, ?, ?)", (number, source, title, text))
        database.execute("insert into words(rowid, terms) values (?, ?)", (number, terms))
    database.execute("insert into words(words) values ('optimize')")
    database.commit()
    database.close()
    return {"cpuSeconds": time.process_time(), "diskBytes": os.path.getsize(path), "peak": peak()}


def query(path):
    database = opened(path)
    sets = json.loads(sys.stdin.readline())

    def ask(terms):
        start = time.process_time()
        match = " OR ".join(f'"{term}"' for term in terms)
        rows = database.execute(SEARCH, (match,)).fetchall()
        return 1000 * (time.process_time() - start), len(rows)

    first, _ = ask(sets[0][0])
    answers = [[ask(terms) for terms in queries] for queries in sets]
    times = [[milliseconds for milliseconds, _ in own] for own in answers]
    found = sum(count for own in answers for _, count in own)
    return {"first": first, "candidates": times, "found": found, "peak": peak()}


command, path = sys.argv[1:]
figures = build(path) if command == "build" else query(path)
print(json.dumps({"version": sqlite3.sqlite_version, **figures}))
