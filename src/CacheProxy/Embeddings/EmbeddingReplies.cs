using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability;
using CacheProxy.Protocol;

namespace CacheProxy.Embeddings;

/// <summary>Answers put together from entries, with what the client is told of how they were made.</summary>
internal sealed class EmbeddingReplies(CacheProxyMetrics metrics, TimeProvider clock)
{
    // Of the part that went upstream; the whole has its own.
    private static readonly string[] PartOnly = ["Content-Length", "Content-Type", "Transfer-Encoding", "Content-Encoding", "Set-Cookie", HeaderNames.CacheStatus];

    /// <summary>Everything was there.</summary>
    public Task WriteHitAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, CacheEntry?[] entries, bool isStale)
    {
        exchange.Outcome = isStale ? CacheOutcome.Stale : CacheOutcome.Exact;
        IHeaderDictionary headers = context.Response.Headers;
        DateTimeOffset now = clock.GetUtcNow();
        long age = 0, ttl = long.MaxValue;
        foreach (CacheEntry? entry in entries)
        {
            age = Math.Max(age, entry!.AgeSeconds(now));
            ttl = Math.Min(ttl, entry.TtlSeconds - entry.AgeSeconds(now));
        }

        headers[HeaderNames.CacheStatus] = HitHeaders.Status(exchange.Outcome, ttl);
        headers.Age = HitHeaders.Age(age);
        if (entries.Length == 1)
        {
            headers[HeaderNames.Entry] = entries[0]!.Id;
        }

        exchange.Spared = Sum(batch, entries, static _ => true);
        return WriteAsync(context, exchange, batch, entries, batch.Inputs.Length);
    }

    /// <summary>Some or all of it came from flights.</summary>
    /// <param name="own">The flight that this request led; null: it only joined others'.</param>
    /// <param name="found">Inputs that were there before.</param>
    public Task WriteMadeAsync(
        HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, CacheEntry?[] entries, EmbeddingFlight? own, int found)
    {
        exchange.Outcome = own is null ? CacheOutcome.Collapsed : CacheOutcome.Miss;
        IHeaderDictionary headers = context.Response.Headers;
        if (own is not null)
        {
            foreach (var header in own.Answer.Headers)
            {
                headers[header.Key] = header.Value;
            }

            foreach (string name in PartOnly)
            {
                headers.Remove(name);
            }
        }

        headers[HeaderNames.CacheStatus] = own is null ? StatusHeader.Collapsed : StatusHeader.Forwarded(exchange, exchange.Flags.AllowStore);
        HashSet<Fingerprint256> billed = own is null ? [] : [.. own.Fingerprints];
        exchange.Spared = Sum(batch, entries, input => !billed.Contains(batch.Fingerprints[batch.Distinct[input]]));
        return WriteAsync(context, exchange, batch, entries, found);
    }

    // Inputs that come twice in a request would have been billed twice.
    private static TokenCounts Sum(EmbeddingBatch batch, CacheEntry?[] entries, Func<int, bool> isSpared)
    {
        TokenCounts sum = default;
        for (int input = 0; input < batch.Inputs.Length; input++)
        {
            if (isSpared(input))
            {
                sum += entries[batch.Distinct[input]]!.Answer.Tokens;
            }
        }

        return sum;
    }

    public void WriteFound(HttpContext context, EmbeddingBatch batch, int found)
    {
        context.Response.Headers[HeaderNames.Inputs] = string.Create(CultureInfo.InvariantCulture, $"{found}/{batch.Inputs.Length}");
        metrics.EmbeddingInputs(found, batch.Inputs.Length - found);
    }

    private Task WriteAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, CacheEntry?[] entries, int found)
    {
        WriteFound(context, batch, found);
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        exchange.FirstByteTimestamp = clock.GetTimestamp();
        return EmbeddingAnswerWriter.WriteAsync(context.Response, batch, entries, context.RequestAborted);
    }
}
