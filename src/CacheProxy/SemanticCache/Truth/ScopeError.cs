namespace CacheProxy.SemanticCache.Truth;

/// <summary>How often a scope's semantic hits were wrong, as far as is known. Immutable.</summary>
public sealed record ScopeError
{
    public required ScopeKey Key { get; init; }

    /// <summary>Requests that were looked up.</summary>
    public long Requests { get; init; }

    public long Served { get; init; }

    /// <summary>Audited hits whose answer was right: a random sample of the served.</summary>
    public long Right { get; init; }

    /// <summary>Audited hits whose answer was wrong.</summary>
    public long Wrong { get; init; }

    /// <summary>Hits that somebody said were wrong: no sample, so they are a lower bound and not a share.</summary>
    public long SaidWrong { get; init; }

    /// <summary>Since when its requests get exact hits only; null: they don't.</summary>
    public DateTimeOffset? ExactOnlySince { get; init; }

    /// <summary>Wrong among the served: 95 % interval of the audits, not below what is known to be wrong.</summary>
    public WilsonInterval OfServed
    {
        get
        {
            WilsonInterval sample = WilsonInterval.Of(Wrong, Right + Wrong);
            double known = Served == 0 ? 0 : Math.Min(1, (double)SaidWrong / Served);
            return new WilsonInterval(Math.Max(sample.Lower, known), Math.Max(sample.Upper, known));
        }
    }

    /// <summary>Wrong over all looked-up requests.</summary>
    public WilsonInterval OfRequests
    {
        get
        {
            double share = Requests == 0 ? 0 : Math.Min(1, (double)Served / Requests);
            return new WilsonInterval(OfServed.Lower * share, OfServed.Upper * share);
        }
    }

    /// <summary>Wrong among the audited; null: none was audited.</summary>
    public double? Estimate => Right + Wrong == 0 ? null : (double)Wrong / (Right + Wrong);

    /// <summary>Half the weight: so that what counts is how it is, not how it was.</summary>
    public ScopeError Faded() => this with { Requests = Requests / 2, Served = Served / 2, Right = Right / 2, Wrong = Wrong / 2, SaidWrong = SaidWrong / 2 };
}
