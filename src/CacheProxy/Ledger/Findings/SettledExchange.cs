using System.IO.Hashing;
using System.Numerics;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger.Findings;

/// <summary>What is to be learned of one request that went upstream, with what that cost.</summary>
public sealed class SettledExchange(RequestCosts costs, TimeProvider time)
{
    // Bytes of a prompt's place that are hashed: the words in front of what changes.
    private const int PlaceBytes = 16;

    private const int BytesPerToken = 4;
    private const int PicodollarsPerNanodollar = 1000;

    /// <returns>See <see cref="MissReason"/>.</returns>
    /// <param name="wasKept">Its answer was stored, and is gone because it was too old.</param>
    internal static (string Kind, string Reason) WhyMissed(ExchangeFeature exchange, bool wasKept) => exchange switch
    {
        { Refusal: not null } => ("refused", "budget"),
        { UpstreamError: not null } => ("not_stored", "upstream_failed"),
        { Flags.Reason: not BypassReason.None } => ("bypass", exchange.Flags.Reason.ToTag()),
        { NotStored: { } reason } => ("not_stored", reason),
        { ExpiredEntry: not null } or { StaleEntry: not null } => ("expired", ""),
        _ when wasKept => ("expired", ""),
        { SemanticSkip: not SemanticSkip.None } => ("semantic", exchange.SemanticSkip.ToTag()),
        _ => ("new", ""),
    };

    /// <summary>Null: nothing came near.</summary>
    internal static NearMissPair? NearMissOf(ExchangeFeature exchange, FindingScope scope, bool keepsTexts) => exchange.NearMiss is not { } near ? null : new NearMissPair
    {
        Scope = scope,
        Asked = exchange.Fingerprint,
        Stored = near.Entry,
        Count = 1,
        Similarity = near.Similarity,
        Probability = double.IsNaN(near.Probability) ? null : near.Probability,
        Threshold = double.IsNaN(near.Threshold) ? null : near.Threshold,
        Reason = near.Reason,
        Guard = near.Guard,
        AskedText = keepsTexts && exchange.Facts.LastUserText is { } asked ? Snippet.Of(asked).Text : null,
        StoredText = keepsTexts && near.Question is { } stored ? Snippet.Of(stored).Text : null,
    };

    /// <summary>Null: no entry was too old, or the new answer became none.</summary>
    /// <param name="gone">The one before, of which no more than this is kept; null: none is known.</param>
    internal ExpiredAnswers? ExpiredOf(ExchangeFeature exchange, FindingScope scope, RecentAnswer? gone)
    {
        if (exchange.Recorded is not { } fresh)
        {
            return null;
        }

        if ((exchange.ExpiredEntry ?? exchange.StaleEntry) is { } old)
        {
            return old.IsFresh(fresh.CreatedAt) ? null : ExpiredOf(exchange, fresh, scope, old.TtlSeconds, old.AgeSeconds(fresh.CreatedAt), RecentAnswers.TextOf(old));
        }

        // What was not read cannot be compared.
        return gone is { Text: not 0 } known ? ExpiredOf(exchange, fresh, scope, known.TtlSeconds, fresh.CreatedAt.ToUnixTimeSeconds() - known.CreatedAt, known.Text) : null;
    }

    private ExpiredAnswers ExpiredOf(ExchangeFeature exchange, CacheEntry fresh, FindingScope scope, int ttl, long age, long text)
    {
        bool isSame = text != 0 && text == RecentAnswers.TextOf(fresh);
        Money? paid = costs.Avoided(fresh, PriceOf(exchange));
        return new ExpiredAnswers
        {
            Scope = scope,
            TtlSeconds = ttl,
            AgeSeconds = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, age)),
            Same = isSame ? 1 : 0,
            Different = isSame ? 0 : 1,
            Nanodollars = isSame ? paid?.Nanodollars ?? 0 : 0,
            Unpriced = isSame && paid is null ? 1 : 0,
            Seconds = isSame ? fresh.MissDurationSeconds : 0,
        };
    }

    /// <param name="head">Of the prompt.</param>
    /// <param name="textBytes">Of the whole prompt.</param>
    /// <param name="prompts">That this one stands for.</param>
    internal VolatilePrefix VolatilePrefixOf(
        ExchangeFeature exchange, FindingScope scope, PromptDifference difference, ReadOnlySpan<byte> head, long textBytes, long prompts, bool keepsSnippet)
    {
        Snippet example = Snippet.Around(head, difference.Start, difference.Length);
        long promptTokens = exchange.Usage.Prompt >= 0 ? exchange.Usage.Prompt : textBytes / BytesPerToken;
        long tokens = promptTokens * Math.Min(difference.Reusable, textBytes) / Math.Max(1, textBytes);
        if (exchange.Usage.CachedRead >= 0)
        {
            // What was found all the same is not lost.
            tokens = Math.Min(tokens, Math.Max(0, promptTokens - exchange.Usage.CachedRead));
        }

        double seconds = SecondsToFirstByte(exchange) * tokens / Math.Max(1, promptTokens);
        ModelPrice? price = PriceOf(exchange);
        long? nanodollars = price is { CachedInput: { } cached } ? tokens * Math.Max(0, price.Input - cached) / PicodollarsPerNanodollar
            // On a machine of one's own they cost the time that they took, of which no more than the call's own share is paid.
            : price is null && seconds > 0 && exchange.MachineSeconds is { } machine ? costs.OfMachine(Math.Min(seconds, machine))?.Nanodollars
            : null;
        int place = Math.Max(0, difference.Start - PlaceBytes);
        return new VolatilePrefix
        {
            Scope = scope,
            Class = VolatileClassifier.Classify(example.Text, example.Start, example.Length),
            Place = keepsSnippet ? (long)XxHash64.HashToUInt64(head[place..difference.Start]) : 0,
            Prompts = prompts,
            Tokens = tokens * prompts,
            Nanodollars = (nanodollars ?? 0) * prompts,
            Unpriced = nanodollars is null ? prompts : 0,
            Seconds = seconds * prompts,
            Example = keepsSnippet ? example : null,
        };
    }

    // Of whole answers the first byte says nothing about the prompt.
    private double SecondsToFirstByte(ExchangeFeature exchange)
        => exchange.Facts.IsStream && exchange.FirstByteTimestamp != 0 ? time.GetElapsedTime(exchange.ArrivedTimestamp, exchange.FirstByteTimestamp).TotalSeconds : 0;

    private ModelPrice? PriceOf(ExchangeFeature exchange) => costs.PriceOf(exchange, null, time.GetUtcNow());
}
