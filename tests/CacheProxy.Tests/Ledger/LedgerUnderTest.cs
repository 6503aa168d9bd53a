using CacheProxy.Ledger;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Reading;
using CacheProxy.Ledger.Writing;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Sqlite;

namespace CacheProxy.Tests.Ledger;

/// <summary>A ledger in a folder of its own that can be stopped and started, beside its reader and one that does everything the long way.</summary>
internal sealed class LedgerUnderTest : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private LedgerWriter? _writer;

    public LedgerUnderTest(LedgerOptions? options = null)
    {
        Options = options ?? new LedgerOptions { RowsPerSecond = 1_000_000 };
        Reader = new LedgerReader(Folder);
    }

    public LedgerOptions Options { get; }

    public FakeTimeProvider Clock { get; } = new();

    public RecordedLog<LedgerWriter> Log { get; } = new();

    public LedgerReader Reader { get; }

    public NaiveLedger Naive { get; } = new();

    public string Folder => _folder.FolderPath;

    public string FilePath => _folder.File(LedgerFile.FileName);

    public LedgerWriter Writer => _writer ??= Start();

    public void Add(in LedgerRow row)
    {
        Writer.Add(row);
        Naive.Add(row);
    }

    public Task SettleAsync() => Writer.SettleAsync(TestContext.Current.CancellationToken);

    public async Task StopAsync()
    {
        if (_writer is { } writer)
        {
            await writer.StopAsync(TestContext.Current.CancellationToken);
            writer.Dispose();
            _writer = null;
        }
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        _ = Writer;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private LedgerWriter Start()
    {
        var writer = new LedgerWriter(Folder, new TestOptions<LedgerOptions>(Options), [], Clock, Log);
        _ = writer.StartAsync(CancellationToken.None);
        return writer;
    }
}
