using CacheProxy.Storage;

namespace CacheProxy.Stores.Sqlite;

/// <summary>The entries' file and its layout.</summary>
internal static class EntryFile
{
    public const string FileName = "entries.db";

    public const int LayoutVersion = 2;

    // id is the fingerprint's first 64 bits, in a tree of its own: as the table's key it would spread rows over all its pages, and a
    // commit writes every page that it touches: 23 KB an entry instead of 3.4, twice the time (40,000 entries in batches of 1,200).
    // A file that was laid out that way goes on being used; all statements fit both. Two fingerprints that share them (2^-64 a pair) displace each other; the entry's own fingerprint is checked on reading.
    // What selectors name stands in columns of its own, each with an index. The value is the last column: a row that
    // is only selected is read without its overflow pages. entries_by_use covers both the eviction and the sum of sizes.
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS entries(
            id INTEGER NOT NULL,
            usable_until INTEGER NOT NULL,
            last_used INTEGER NOT NULL,
            size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            fingerprint BLOB NOT NULL,
            entry_id TEXT NOT NULL,
            scope TEXT NOT NULL,
            namespace TEXT NOT NULL,
            model TEXT NOT NULL,
            user_id TEXT,
            prefix_id TEXT,
            value BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS tags(
            tag TEXT NOT NULL,
            id INTEGER NOT NULL,
            PRIMARY KEY(tag, id)) WITHOUT ROWID;
        CREATE UNIQUE INDEX IF NOT EXISTS entries_by_id ON entries(id);
        CREATE INDEX IF NOT EXISTS entries_by_use ON entries(last_used, size);
        CREATE INDEX IF NOT EXISTS entries_by_end ON entries(usable_until);
        CREATE INDEX IF NOT EXISTS entries_by_creation ON entries(created);
        CREATE INDEX IF NOT EXISTS entries_by_entry_id ON entries(entry_id);
        CREATE INDEX IF NOT EXISTS entries_by_scope ON entries(scope);
        CREATE INDEX IF NOT EXISTS entries_by_namespace ON entries(namespace);
        CREATE INDEX IF NOT EXISTS entries_by_model ON entries(model);
        CREATE INDEX IF NOT EXISTS entries_by_user ON entries(user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS entries_by_prefix ON entries(prefix_id) WHERE prefix_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS tags_by_id ON tags(id);
        CREATE TRIGGER IF NOT EXISTS entries_deleted AFTER DELETE ON entries BEGIN DELETE FROM tags WHERE id = OLD.id; END;
        """;

    /// <summary>The codec reads no value of a former layout. The trees of ids in random order stay in memory for a few 100,000 entries; a page in the log is copied once for several commits.</summary>
    public static SqliteLayout Layout { get; } = new(LayoutVersion, Tables, "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 12000") { DropsFormer = true };
}
