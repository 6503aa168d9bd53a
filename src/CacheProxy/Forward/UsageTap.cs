using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;

namespace CacheProxy.Forward;

/// <summary>What one try's answer says that it cost, read while it passes. An answer is billed whether or not anybody records it, or its client is still there.</summary>
internal sealed class UsageTap(UsageScanner scanner, ExchangeFeature exchange, bool isStream)
{
    private long _bytes;
    private bool _isWhole;

    public bool IsStream => isStream;

    /// <summary>It told its usage, in figures that cannot be.</summary>
    public bool IsAbsurd { get; private set; }

    /// <summary>Null: a body that is neither an event stream nor a JSON object, or is packed.</summary>
    public static UsageTap? For(HttpResponseMessage response, ExchangeFeature exchange)
    {
        bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        bool isReadable = isStream || response.Content.Headers.ContentType?.MediaType == "application/json";
        return isReadable && response.Content.Headers.ContentEncoding.Count == 0 ? new UsageTap(new UsageScanner(exchange.Dialect, isStream), exchange, isStream) : null;
    }

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        _bytes += bytes.Length;
        scanner.Pass(bytes);
    }

    public void End() => _isWhole = true;

    /// <summary>Writes what was told into the exchange.</summary>
    public void Tell()
    {
        exchange.BilledModel = scanner.Model;
        if (exchange.Usage == TokenCounts.None && !scanner.HasUsage)
        {
            return;
        }

        TokenCounts told = scanner.Counts(_isWhole);
        TokenCounts counts = UsageLimits.Believe(told, exchange.Body.Length, _bytes);
        IsAbsurd = scanner.HasUsage && (_isWhole ? !counts.IsKnown : counts.IsKnown != told.IsKnown);
        exchange.Usage = counts;
    }
}
