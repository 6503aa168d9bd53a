using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Findings;

/// <summary>
/// Takes note, behind requests that went upstream, of what kept them from a hit: in sums that are written every two seconds. Hits never come here. A file
/// that cannot be written costs findings, never a request.
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
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private FindingsBatch _batch = new();
    private FindingsFile? _file;
    private DateOnly _trimmed;
    private long _mark;
    private long _second;
    private int _compared;
    private bool _isBroken;
    private bool _isDisposed;

    public FindingsRecorder(
        string path, IOptionsMonitor<LedgerOptions> options, SettledExchange settled, TenantNames tenants, PurgeLog purges, TimeProvider time, ILogger<FindingsRecorder> logger)
        => (_path, _options, _settled, _tenants, _purges, _time, _logger, _mark) = (path, options, settled, tenants, purges, time, logger, purges.Mark);

    /// <summary>Looks at a request that went upstream and has its answer, or none. Its body is still there. Never throws.</summary>
    public void Settled(ExchangeFeature exchange)
    {
        LedgerOptions options = _options.CurrentValue;
        if (!options.Enabled || _isBroken)
        {
            return;
        }

        try
        {
            DateOnly day = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
            FindingScope scope = FindingScope.Of(exchange, _tenants);
            (string kind, string reason) = SettledExchange.WhyMissed(exchange);
            NearMissPair? pair = SettledExchange.NearMissOf(exchange, scope, options.KeepSnippets);
            ExpiredAnswers? expired = _settled.ExpiredOf(exchange, scope);
            VolatilePrefix? prefix = exchange.Facts.HasNonTextContent ? null : Compare(exchange, scope, options.KeepSnippets);
            lock (_lock)
            {
                _batch.Miss(day, scope, kind, reason);
                _batch.Add(day, pair);
                _batch.Add(day, expired);
                _batch.Add(day, prefix, exchange.Fingerprint);
            }
        }
        catch (Exception exception)
        {
            Log.NotSeen(_logger, exchange.Fingerprint.ToShortString(), exception);
        }
    }

    public ValueTask OnPurgedAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => new(WriteAsync(fingerprints));

    /// <summary>Writes what was found so far.</summary>
    public Task FlushAsync() => WriteAsync([]);

    public override void Dispose()
    {
        // Once for each way in which it is registered.
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        base.Dispose();
        // A host that is disposed without having been stopped may be in the middle of a write.
        _writing.Wait();
        _file?.Dispose();
        _writing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
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
        await FlushAsync();
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

    private async Task WriteAsync(IReadOnlyCollection<Fingerprint256> purged)
    {
        await _writing.WaitAsync();
        try
        {
            await Task.Run(() => Write(purged));
        }
        catch (Exception exception)
        {
            Log.NotWritten(_logger, _path, exception);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void Write(IReadOnlyCollection<Fingerprint256> purged)
    {
        FindingsBatch batch;
        lock (_lock)
        {
            (batch, _batch) = (_batch, new FindingsBatch());
        }

        long mark = _purges.Mark;
        if (batch.IsEmpty && purged.Count == 0 && mark == _mark)
        {
            return;
        }

        if (_file is null && batch.IsEmpty && !File.Exists(_path))
        {
            _mark = mark;
            return;
        }

        FindingsFile? file = _file ??= Open();
        if (file is null)
        {
            return;
        }

        file.Add(batch);
        Forget(file, purged, mark);
        DateOnly oldest = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddDays(-_options.CurrentValue.RowDays);
        if (oldest != _trimmed)
        {
            file.Trim(_trimmed = oldest);
        }
    }

    private void Forget(FindingsFile file, IReadOnlyCollection<Fingerprint256> purged, long mark)
    {
        if (purged.Count == 0 && mark == _mark)
        {
            return;
        }

        lock (_groups)
        {
            // The heads are whole prompts; they come back with the next ones.
            _groups.Clear();
        }

        file.ForgetTexts(purged);
        foreach (EntrySelector selector in _purges.Since(_mark))
        {
            // What names single entries is told by their fingerprints. Anything else of a selector is not known here: all that it may mean goes.
            if (selector is { Id: null, Fingerprint: null })
            {
                file.ForgetTexts(selector.Scope, selector.Model);
            }
            else if (selector.Fingerprint is { } fingerprint)
            {
                file.ForgetTexts([fingerprint]);
            }
        }

        _mark = mark;
    }

    private FindingsFile? Open()
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return FindingsFile.Open(_path);
            }
            catch (Exception exception) when (isFirst && SqliteFile.IsDamage(exception))
            {
                Log.SetAside(_logger, _path, exception);
                SqliteFile.SetAside(_path, _path + ".damaged");
            }
            catch (Exception exception)
            {
                Log.NotOpened(_logger, _path, exception);
                _isBroken = true;
                return null;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1120, LogLevel.Warning, "What was found behind requests was not written to {Path}", EventName = "FindingsNotWritten")]
        public static partial void NotWritten(ILogger logger, string path, Exception exception);

        [LoggerMessage(1121, LogLevel.Warning, "{Path} is damaged: it is put aside and begun anew", EventName = "FindingsSetAside")]
        public static partial void SetAside(ILogger logger, string path, Exception exception);

        [LoggerMessage(1122, LogLevel.Error, "{Path} cannot be opened: nothing is found for the report until the next start", EventName = "FindingsNotOpened")]
        public static partial void NotOpened(ILogger logger, string path, Exception exception);

        [LoggerMessage(1123, LogLevel.Debug, "Nothing was found behind {Fingerprint}", EventName = "FindingFailed")]
        public static partial void NotSeen(ILogger logger, string fingerprint, Exception exception);
    }
}
