using CacheProxy.Storage;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Storage;

/// <summary>The faults are SQLite's own: a file that may not grow any more is what a full disk looks like to it.</summary>
public sealed class WriteBehindTests : IDisposable
{
    private static readonly SqliteLayout Layout = new(1, "CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, data BLOB NOT NULL);");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog<WriteBehindTests> _log = new();
    private readonly KeptFile<Rows> _file;
    private readonly WriteBehind<Rows> _writer;
    private int _mostPages = int.MaxValue;

    public WriteBehindTests()
    {
        _file = new KeptFile<Rows>(FilePath, () => new Rows(Layout.Open(FilePath), _mostPages), "rows wait or are lost", _time, _log);
        _writer = new WriteBehind<Rows>(_file, new WriteLimits(Queued: 8, Batched: 4), _time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string FilePath => _folder.File("rows.db");

    public void Dispose()
    {
        _writer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task FullDisk_WhatIsKeptWaits_TheRestIsToldSo_AndAllGoesOnWhenThereIsRoom()
    {
        _writer.Start();
        Row first = Add(), large, small;
        await _writer.SettleAsync(Cancellation);
        _mostPages = 8;
        _file.Current!.Limit(_mostPages);

        large = Add(bytes: 100_000);
        var kept = new Row(100_000, isKept: true);
        _writer.Add(kept);
        await _writer.SettleAsync(Cancellation);

        Assert.Equal((1, 0, 1), (first.Commits, large.Commits, large.Failures));
        Assert.IsType<SqliteException>(large.Cause);
        Assert.Equal(13, ((SqliteException)large.Cause!).SqliteErrorCode);
        Assert.Equal((0, 0), (kept.Commits, kept.Failures));
        Assert.True(_file.IsFailing);
        small = Add();
        await _writer.SettleAsync(Cancellation);
        Assert.Equal(1, small.Failures);

        _mostPages = int.MaxValue;
        _time.Advance(KeptFile<Rows>.RetryInterval);
        await Wait.UntilAsync(() => kept.Commits == 1, "what was kept to be written without anything new");
        Assert.False(_file.IsFailing);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task FullQueue_RefusesWhatNobodyWaitsFor()
    {
        Row[] rows = [.. Enumerable.Range(0, 12).Select(_ => Add())];
        Assert.Equal(4, rows.Count(row => row.Failures == 1));

        _writer.Start();
        await _writer.SettleAsync(Cancellation);

        Assert.Equal(8, Count());
        Assert.Equal(8, rows.Sum(row => row.Commits));
    }

    [Fact]
    public async Task Stop_WritesWhatWaits_AndTellsWhatCannotBe()
    {
        Directory.CreateDirectory(FilePath);
        _writer.Start();
        var kept = new Row(10, isKept: true);
        _writer.Add(kept);
        await _writer.SettleAsync(Cancellation);
        Assert.Equal(0, kept.Failures);

        await _writer.StopAsync(Cancellation);

        Assert.Equal(1, kept.Failures);
        Row late = Add();
        Assert.Equal(1, late.Failures);
        await _writer.SettleAsync(Cancellation);
    }

    [Fact]
    public async Task WorkThatThrows_IsGivenUp_AndDoesNotHoldUpTheRest()
    {
        _writer.Start();
        var bad = new Row(10, isKept: true) { Throws = true };
        _writer.Add(bad);
        await _writer.SettleAsync(Cancellation);
        Assert.Equal(1, bad.Failures);

        _time.Advance(KeptFile<Rows>.RetryInterval);
        Row good = Add();
        await Wait.UntilAsync(() => good.Commits + good.Failures == 1, "the next");
        Assert.Equal(1, good.Commits);
    }

    [Fact]
    public async Task ReadersThatNeverPause_DoNotLetTheLogGrowWithoutBound()
    {
        _writer.Start();
        using var stop = new CancellationTokenSource();
        Add(bytes: 10);
        await _writer.SettleAsync(Cancellation);
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ReadAsync(stop.Token), Cancellation))];
        long longest = 0;
        for (int i = 0; i < 150; i++)
        {
            Add(bytes: 2 << 20);
            await _writer.SettleAsync(Cancellation);
            longest = Math.Max(longest, new FileInfo(FilePath + "-wal").Length);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);

        // 300 MB were written.
        Assert.InRange(longest, 1, 200L << 20);
        Assert.Equal(151, Count());
    }

    // Each holds its moment while the next begins.
    private async Task ReadAsync(CancellationToken stop)
    {
        SqliteConnection? former = null;
        while (!stop.IsCancellationRequested)
        {
            SqliteConnection next = SqliteFile.OpenForReading(FilePath);
            SqliteFile.Execute(next, "BEGIN");
            SqliteFile.Scalar(next, "SELECT COUNT(*) FROM rows");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            former?.Dispose();
            former = next;
        }

        former?.Dispose();
    }

    private Row Add(int bytes = 10)
    {
        var row = new Row(bytes, isKept: false);
        _writer.Add(row);
        return row;
    }

    private long Count()
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(FilePath);
        return (long)SqliteFile.Scalar(connection, "SELECT COUNT(*) FROM rows")!;
    }

    private sealed class Rows : FileTables
    {
        public Rows(SqliteConnection connection, int mostPages) : base(connection) => Limit(mostPages);

        public void Limit(int pages) => SqliteFile.Execute(Connection, $"PRAGMA max_page_count = {pages}");

        public void Insert(int bytes) => SqliteFile.Execute(Connection, $"INSERT INTO rows(data) VALUES(randomblob({bytes}))");
    }

    private sealed class Row(int bytes, bool isKept) : FileWork<Rows>
    {
        public override bool IsKept => isKept;

        public bool Throws { get; init; }

        public int Commits { get; private set; }

        public int Failures { get; private set; }

        public Exception? Cause { get; private set; }

        public override void Apply(Rows tables)
        {
            if (Throws)
            {
                throw new InvalidOperationException("no");
            }

            tables.Insert(bytes);
        }

        public override void Committed() => Commits++;

        public override void Failed(Exception cause) => (Failures, Cause) = (Failures + 1, cause);
    }
}
