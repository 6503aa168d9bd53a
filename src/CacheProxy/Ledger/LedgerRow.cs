using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger;

/// <summary>
/// What one request, or one call of the proxy's own, took, cost and saved. One call that an upstream charges for is exactly one row with
/// <see cref="Paid"/>; a hit never has it. Where <see cref="Requests"/> is above 1 every count, sum of money and time is the sum over them.
/// </summary>
public readonly record struct LedgerRow
{
    /// <summary><see cref="Status"/> of a request whose client left, as nginx has it.</summary>
    public const int ClientGone = 499;

    public LedgerRow()
    {
    }

    /// <summary>When it was over, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    public LedgerWork Work { get; init; }

    /// <summary>1; more where rows were merged because there were too many to keep each.</summary>
    public int Requests { get; init; } = 1;

    /// <summary>The tenant's name, or the first 16 hex digits of its scope.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Keyed hash of the request's <c>user</c>, 16 hex digits; null: it named none.</summary>
    public string? User { get; init; }

    /// <summary>As the client named it; empty: the request was refused before that was known.</summary>
    public string Model { get; init; } = "";

    /// <summary>Who answered, or was asked last; null: nobody was.</summary>
    public string? Upstream { get; init; }

    public string? Route { get; init; }

    public string Namespace { get; init; } = "";

    public Dialect Dialect { get; init; }

    public CacheOutcome Outcome { get; init; }

    /// <summary>Why it was not looked up.</summary>
    public BypassReason Reason { get; init; }

    /// <summary>HTTP status; 499: the client left before its answer's end.</summary>
    public int Status { get; init; }

    /// <summary>What the upstream billed for this row; all 0: it was not asked. -1: it did not say.</summary>
    public TokenCounts Usage { get; init; }

    /// <summary>What the upstream would have billed had the cache not answered; all 0: it answered nothing. -1: the entry does not say.</summary>
    public TokenCounts Saved { get; init; }

    /// <summary>At that time; null: nobody knows the model's.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>Of <see cref="Usage"/>; null: unknown. Zero where nobody was asked.</summary>
    public Money? Paid { get; init; } = Money.Zero;

    /// <summary>Of <see cref="Saved"/>; null: unknown. Zero where the cache answered nothing.</summary>
    public Money? Avoided { get; init; } = Money.Zero;

    /// <summary>The proxy's own work on it: embedder and verifier in the process.</summary>
    public Money Overhead { get; init; }

    /// <summary>From the request's arrival to its answer's first byte; -1: none left.</summary>
    public double FirstByteSeconds { get; init; } = -1;

    /// <summary>From the request's arrival to its end.</summary>
    public double TotalSeconds { get; init; }

    /// <summary>What the upstream took to make the answer that the cache gave; -1: it gave none, or does not know.</summary>
    public double MissSeconds { get; init; } = -1;

    public long RequestBytes { get; init; }

    public long AnswerBytes { get; init; }

    /// <summary>The entry that answered, or that the answer became.</summary>
    public string? EntryId { get; init; }

    public string? PrefixId { get; init; }

    /// <summary>Prompt tokens that were expected to be in the upstream's prefix cache; -1: nobody could say. What was delivered is the usage's <see cref="TokenCounts.CachedRead"/>.</summary>
    public long PredictedCachedTokens { get; init; } = -1;

    /// <summary>What the upstream's prefix cache was expected to have, and what it had, are both known.</summary>
    public bool IsPrefixCompared => PredictedCachedTokens >= 0 && Usage.CachedRead >= 0;

    /// <summary>A prompt was billed, and one of the two is not known.</summary>
    public bool IsPrefixUncompared => !IsPrefixCompared && Upstream is not null && Usage.Prompt > 0 && Dialect != Dialect.OpenAIEmbeddings && Work != LedgerWork.Embedding;

    /// <summary>Cosine of a semantic hit, or of the nearest question that was not served; 0: none was compared. The mean where rows were merged.</summary>
    public float Similarity { get; init; }

    /// <summary>The entry of that nearest question.</summary>
    public string? NearEntryId { get; init; }

    // Times are kept in whole microseconds: that is where a row's sums are rounded. NaN and infinity, which no clock gives, are 0.
    internal static long ToMicroseconds(double seconds) => double.IsFinite(seconds) ? (long)Math.Round(Math.Clamp(seconds, -1e12, 1e12) * 1e6) : 0;

    /// <summary>What it paid or avoided is known, and is the least of it: the provider charges for more than what is priced. What a machine takes by the hour is whole.</summary>
    public bool IsPartPriced => Price is { } price && Paid is not null && Avoided is not null && (CostArithmetic.IsPartOnly(Usage, price) || CostArithmetic.IsPartOnly(Saved, price));

    /// <summary>
    /// The entry that its sums count for: the one that answered, or that the cache asked for by itself. What a client's miss has become has answered nobody yet, and most
    /// never will: sums for each would be most of the file, and a third of what a miss costs the processor.
    /// </summary>
    internal string? CountedEntryId => IsSaving || Work != LedgerWork.Client ? EntryId : null;

    /// <summary>The cache answered it, or another's answer did.</summary>
    public bool IsSaving => Outcome is CacheOutcome.Exact or CacheOutcome.Stale or CacheOutcome.Semantic or CacheOutcome.Collapsed;
}
