using CacheProxy.Storage;

namespace CacheProxy.Ledger.Files;

/// <summary>The ledger's file and its layout.</summary>
internal static class LedgerFile
{
    public const string FileName = "ledger.db";

    public const int LayoutVersion = 2;

    /// <summary>A step for every former version that operators have, so that their history goes on.</summary>
    public static readonly SqliteLayout Layout = new(LayoutVersion, Tables, "PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 2000");

    // rollups: level is a RollupLevel and RollupCut; start is in minutes since 1970, so that one range holds a period's cells side by side: a commit writes a few
    // pages however many cells it touches. keys: sums of one day by user, entry or prefix, cell by cell in one blob (KeyCells); the figures that
    // groups are ordered by stand in columns before it, so that ordering 100,000 of them decodes none. Both are sums of rows, written in one transaction with them.
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS marks(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS cells(
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL, model TEXT NOT NULL, upstream TEXT NOT NULL, route TEXT NOT NULL, namespace TEXT NOT NULL,
            dialect INTEGER NOT NULL, outcome INTEGER NOT NULL, work INTEGER NOT NULL,
            UNIQUE(tenant, model, upstream, route, namespace, dialect, outcome, work));
        CREATE TABLE IF NOT EXISTS prices(id INTEGER PRIMARY KEY, price TEXT NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, time INTEGER NOT NULL, cell INTEGER NOT NULL, user TEXT, data BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS rows_by_time ON rows(time);
        CREATE TABLE IF NOT EXISTS rollups(
            level INTEGER NOT NULL, start INTEGER NOT NULL, cell INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY(level, start, cell)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS keys(
            kind INTEGER NOT NULL, day INTEGER NOT NULL, name BLOB NOT NULL,
            requests INTEGER NOT NULL, paid INTEGER NOT NULL, avoided INTEGER NOT NULL, net INTEGER NOT NULL,
            saved_us INTEGER NOT NULL, saved_tokens INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY(kind, day, name)) WITHOUT ROWID;
        INSERT OR IGNORE INTO marks VALUES('file', lower(hex(randomblob(16))));
        """;
}
