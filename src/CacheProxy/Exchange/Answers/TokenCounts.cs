namespace CacheProxy.Exchange.Answers;

/// <summary>
/// What an answer's usage says it took, under one arithmetic for all dialects: the later counts are parts of <see cref="Prompt"/> or
/// <see cref="Completion"/>, never beside them. -1: not reported.
/// </summary>
/// <param name="Prompt">All of the prompt, cached or not.</param>
/// <param name="Completion">Reasoning included.</param>
public readonly record struct TokenCounts(long Prompt, long Completion)
{
    public static TokenCounts Unknown => new(-1, -1);

    /// <summary>Nothing was asked of a model.</summary>
    public static TokenCounts None => new(0, 0) { CachedRead = 0, CacheWrite = 0, CacheWriteHour = 0, Reasoning = 0 };

    /// <summary>Of the prompt: read from the provider's own cache.</summary>
    public long CachedRead { get; init; } = -1;

    /// <summary>Of the prompt: written to the provider's own cache, for whatever time.</summary>
    public long CacheWrite { get; init; } = -1;

    /// <summary>Of <see cref="CacheWrite"/>: written to be kept for an hour, which Anthropic charges more for.</summary>
    public long CacheWriteHour { get; init; } = -1;

    /// <summary>Of the completion: thoughts.</summary>
    public long Reasoning { get; init; } = -1;

    /// <summary>What else the provider charges for and the tokens do not say.</summary>
    public UsageExtras Extras { get; init; }

    /// <summary>At which of the provider's tariffs the call ran.</summary>
    public ServiceTier Tier { get; init; }

    /// <summary>Web searches at the provider, charged by the search; counted where <see cref="Extras"/> says so.</summary>
    public int Searches { get; init; }

    /// <summary>Prompt and completion are both known: the least that a price can be put on.</summary>
    public bool IsKnown => Prompt >= 0 && Completion >= 0;

    /// <summary>Of two calls together: what one of them does not say is unknown of both, but where the other one has taken nothing at all.</summary>
    public static TokenCounts operator +(in TokenCounts one, in TokenCounts other) => one == default ? other : other == default ? one : new(Add(one.Prompt, other.Prompt), Add(one.Completion, other.Completion))
    {
        CachedRead = Add(one.CachedRead, other.CachedRead),
        CacheWrite = Add(one.CacheWrite, other.CacheWrite),
        CacheWriteHour = Add(one.CacheWriteHour, other.CacheWriteHour),
        Reasoning = Add(one.Reasoning, other.Reasoning),
        Extras = one.Extras | other.Extras,
        Tier = one.Tier,
        Searches = (int)Math.Min(int.MaxValue, (long)one.Searches + other.Searches),
    };

    private static long Add(long one, long other) => one < 0 || other < 0 ? -1 : one > long.MaxValue - other ? long.MaxValue : one + other;

    /// <summary>Of the last usage among the events.</summary>
    public static TokenCounts Of(IReadOnlyList<AnswerEvent> events)
    {
        for (int i = events.Count - 1; i >= 0; i--)
        {
            if (events[i] is AnswerEvent.Usage usage)
            {
                return usage.Counts;
            }
        }

        return Unknown;
    }
}
