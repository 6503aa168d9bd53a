using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Findings;

/// <summary>
/// Takes note, behind requests that went upstream, of what kept them from a hit: in sums that are written every two seconds. Hits never come here. While the
/// file cannot be written the sums wait, bounded; so do purges.
/// </summary>
public sealed partial class FindingsRecorder : BackgroundService, IPurgeObserver
{
    // A comparison takes some 20 us: 50 a second are a thousandth of a core. Prompts beyond that are counted by those that are compared.
    private const int ComparisonsPerSecond = 50;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly IOptionsMonitor<LedgerOptions> _options;
    private readonly SettledExchange _settled;
    private readonly TenantNames _tenants;
    private readonly PurgeLog _purges;
    private readonly TimeProvider _time;
    private readonly ILogger<FindingsRecorder> _logger;
    private readonly PromptGroups _groups = new();
    private readonly RecentAnswers _recent = new();
    private readonly WriteBehind<FindingsFile> _writer;
    private readonly GatheredWork<FindingsFile, FindingsBatch> _gathered;
    private DateOnly _trimmed;
    private long _mark;
    private long _queuedMark;
    private long _second;
    private int _compared;
    private bool _isDisposed;

    public FindingsRecorder(
        string path, IOptionsMonitor<LedgerOptions> options, SettledExchange settled, TenantNames tenants, PurgeLog purges, TimeProvider time, ILogger<FindingsRecorder> logger)
    {
        (_path, _options, _settled, _tenants, _purges, _time, _logger, _mark, _queuedMark) = (path, options, settled, tenants, purges, time, logger, purges.Mark, purges.Mark);
        var file = new KeptFile<FindingsFile>(path, () => new FindingsFile(path), "what is found behind requests is kept in memory, the first of it", time, logger);
        (Health, _writer) = (file, new WriteBehind<FindingsFile>(file, new WriteLimits(Queued: 16, Batched: 16), time));
        _gathered = new GatheredWork<FindingsFile, FindingsBatch>(_writer, Write, _ => Log.NotWritten(_logger, _path));
    }

    public IFileHealth Health { get; }

    /// <summary>Looks at a request that went upstream and has its answer, or none. Its body is still there. Never throws.</summary>
    public void Settled(ExchangeFeature exchange)
    {
        LedgerOptions options = _options.CurrentValue;
        if (!options.Enabled)
        {
            return;
        }

        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (exchange.IsRepeat)
            {
                // What the proxy asks by itself kept nobody from a hit; its answer is in the place of the one before.
                _recent.Note(exchange, now);
                return;
            }

            DateOnly day = DateOnly.FromDateTime(now.UtcDateTime);
            FindingScope scope = FindingScope.Of(exchange, _tenants);
            RecentAnswer? gone = _recent.FindExpired(exchange, now);
            (string kind, string reason) = SettledExchange.WhyMissed(exchange, gone is not null);
            NearMissPair? pair = SettledExchange.NearMissOf(exchange, scope, options.KeepSnippets);
            ExpiredAnswers? expired = _settled.ExpiredOf(exchange, scope, gone);
            _recent.Note(exchange, now);
            VolatilePrefix? prefix = exchange.Facts.HasNonTextContent ? null : Compare(exchange, scope, options.KeepSnippets);
            _gathered.Add(batch =>
            {
                batch.Miss(day, scope, kind, reason);
                batch.Add(day, pair);
                batch.Add(day, expired);
                batch.Add(day, prefix, exchange.Fingerprint);
                return batch;
            });
        }
        catch (Exception exception)
        {
            Log.NotSeen(_logger, exchange.Fingerprint.ToShortString(), exception);
        }
    }

    /// <summary>Returns when the texts are no longer in the file, or it cannot be written now: then they go as soon as it can.</summary>
    public ValueTask OnPurgedAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        Forget(fingerprints);
        return new(_writer.SettleAsync(cancellationToken));
    }

    /// <summary>Writes what was found so far.</summary>
    public Task FlushAsync()
    {
        Queue();
        return _writer.SettleAsync(CancellationToken.None);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _writer.Start();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        // Once for each way in which it is registered.
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            base.Dispose();
            _writer.Dispose();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Queue();
            }
        }
        catch (OperationCanceledException)
        {
            // The last requests are still under way: StopAsync writes what they leave.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Queue();
        await _writer.StopAsync(cancellationToken);
    }

    private void Queue()
    {
        _gathered.Queue();
        if (_purges.Mark is var mark && mark != Interlocked.Exchange(ref _queuedMark, mark))
        {
            Forget([]);
        }
    }

    private void Forget(IReadOnlyCollection<Fingerprint256> purged)
    {
        lock (_groups)
        {
            // The heads are whole prompts; they come back with the next ones.
            _groups.Clear();
        }

        // What was purged is not missed for its age.
        _recent.Clear();
        if (_writer.Tables is not null || File.Exists(_path))
        {
            _writer.Add(new Forgetting(this, purged));
        }
    }

    private VolatilePrefix? Compare(ExchangeFeature exchange, FindingScope scope, bool keepsSnippets)
    {
        byte[] head = ArrayPool<byte>.Shared.Rent(PromptHead.MostBytes);
        try
        {
            PromptDifference? difference;
            int length;
            long prompts, textBytes;
            lock (_groups)
            {
                if (!MayCompare())
                {
                    _groups.Pass(scope);
                    return null;
                }

                length = PromptHead.Read(exchange.Body.Span, exchange.Dialect, head, out textBytes);
                difference = _groups.Compare(scope, head.AsSpan(0, length), out prompts);
            }

            return difference is { } found ? _settled.VolatilePrefixOf(exchange, scope, found, head.AsSpan(0, length), textBytes, prompts, keepsSnippets) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    private bool MayCompare()
    {
        long second = _time.GetUtcNow().ToUnixTimeSeconds();
        if (second != _second)
        {
            (_second, _compared) = (second, 0);
        }

        return _compared++ < ComparisonsPerSecond;
    }

    private void Write(FindingsFile file, FindingsBatch batch)
    {
        file.Add(batch);
        DateOnly oldest = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddDays(-_options.CurrentValue.RowDays);
        if (oldest != _trimmed)
        {
            file.Trim(_trimmed = oldest);
        }
    }

    // What names single entries is told by their fingerprints. Anything else of a selector is not known here: all that it may mean goes.
    private sealed class Forgetting(FindingsRecorder recorder, IReadOnlyCollection<Fingerprint256> purged) : FileWork<FindingsFile>
    {
        private long _mark;

        public override bool IsAwaited => true;

        public override bool IsKept => true;

        public override void Apply(FindingsFile tables)
        {
            _mark = recorder._purges.Mark;
            tables.ForgetTexts(purged);
            foreach (EntrySelector selector in recorder._purges.Since(recorder._mark))
            {
                if (selector is { Id: null, Fingerprint: null })
                {
                    tables.ForgetTexts(selector.Scope, selector.Model);
                }
                else if (selector.Fingerprint is { } fingerprint)
                {
                    tables.ForgetTexts([fingerprint]);
                }
            }
        }

        public override void Committed() => recorder._mark = _mark;

        public override void Failed(Exception cause) => Log.NotWritten(recorder._logger, recorder._path);
    }

    private static partial class Log
    {
        [LoggerMessage(1120, LogLevel.Warning, "What was found behind requests, or is to be forgotten of it, was not written to {Path}", EventName = "FindingsNotWritten")]
        public static partial void NotWritten(ILogger logger, string path);

        [LoggerMessage(1123, LogLevel.Debug, "Nothing was found behind {Fingerprint}", EventName = "FindingFailed")]
        public static partial void NotSeen(ILogger logger, string fingerprint, Exception exception);
    }
}
