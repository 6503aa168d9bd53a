using CacheProxy.Exchange;

namespace CacheProxy.Ledger;

/// <summary>
/// Rows added up. Counts of requests, bytes and times are the clients'; money and tokens are of all work. Money of unknown price is in no sum:
/// <see cref="RequestsOfUnknownPrice"/> says how many requests that concerns. Not thread-safe.
/// </summary>
public sealed class LedgerTotals
{
    internal const int Fields = (int)Field.Count;

    private static readonly int Kinds = Enum.GetValues<CacheOutcome>().Length;

    private readonly long[] _sums = new long[Fields];
    private readonly OutcomeTotals?[] _outcomes = new OutcomeTotals?[Kinds];

    private enum Field
    {
        Requests,
        BackgroundCalls,
        Errors,
        Aborted,
        UnknownPrice,
        Paid,
        BackgroundPaid,
        Avoided,
        Overhead,
        Spent,
        Saved = Spent + TokenSums.Classes,
        SavedMicroseconds = Saved + TokenSums.Classes,
        SimilarityMillionths,
        RequestBytes,
        AnswerBytes,
        PredictedCachedTokens,
        DeliveredCachedTokens,

        // New ones go to the end: the file names them by their place.
        PartPrice,
        Compared,
        Uncompared,
        Count,
    }

    /// <summary>Of clients.</summary>
    public long Requests => this[Field.Requests];

    /// <summary>Calls that the cache made by itself: refreshes, audits, judgements, embeddings.</summary>
    public long BackgroundCalls => this[Field.BackgroundCalls];

    /// <summary>Answered with a status of 400 and more; those that the client left are not among them.</summary>
    public long Errors => this[Field.Errors];

    /// <summary>Whose client left before the end.</summary>
    public long Aborted => this[Field.Aborted];

    /// <summary>Paid or avoided something whose price is not known, background calls too.</summary>
    public long RequestsOfUnknownPrice => this[Field.UnknownPrice];

    /// <summary>
    /// Paid or avoided more than is in the sums: their tokens are, what else the provider charges for (searches, audio, images) has no known price.
    /// None of them is among <see cref="RequestsOfUnknownPrice"/>; background calls too.
    /// </summary>
    public long RequestsOfPartPrice => this[Field.PartPrice];

    /// <summary>To upstreams, for all work.</summary>
    public Money Paid => new(this[Field.Paid]);

    /// <summary>Of <see cref="Paid"/>: for the calls that the cache made by itself.</summary>
    public Money BackgroundPaid => new(this[Field.BackgroundPaid]);

    /// <summary>What clients' requests would have cost had the cache not answered.</summary>
    public Money Avoided => new(this[Field.Avoided]);

    /// <summary>The cache's own computing: embedder and verifier in the process.</summary>
    public Money Overhead => new(this[Field.Overhead]);

    /// <summary>What having the cache came to: avoided less all that it spent itself. May be negative.</summary>
    public Money Net => Avoided - Overhead - BackgroundPaid;

    /// <summary>Tokens that upstreams billed, for all work.</summary>
    public TokenSums Spent => TokenSums.Read(_sums.AsSpan((int)Field.Spent));

    /// <summary>Tokens that were not asked of an upstream.</summary>
    public TokenSums Saved => TokenSums.Read(_sums.AsSpan((int)Field.Saved));

    /// <summary>What the upstreams would have taken for what the cache answered, less what the cache took. May be negative.</summary>
    public double SecondsSaved => this[Field.SavedMicroseconds] / 1e6;

    public long RequestBytes => this[Field.RequestBytes];

    public long AnswerBytes => this[Field.AnswerBytes];

    /// <summary>Prompt tokens expected to be in an upstream's prefix cache, of the <see cref="ComparedCalls"/>.</summary>
    public long PredictedCachedTokens => this[Field.PredictedCachedTokens];

    /// <summary>Prompt tokens that came out of it, of the same calls; of all that did, <see cref="Spent"/> has them.</summary>
    public long DeliveredCachedTokens => this[Field.DeliveredCachedTokens];

    /// <summary>Calls of all work for which both are known.</summary>
    public long ComparedCalls => this[Field.Compared];

    /// <summary>Calls of which a prompt was billed and one of the two is not known.</summary>
    public long UncomparedCalls => this[Field.Uncompared];

    /// <summary>Sum of the cosines of semantic hits.</summary>
    public double SimilaritySum => this[Field.SimilarityMillionths] / 1e6;

    /// <summary>Requests that the cache answered from what it had: exact, stale, semantic.</summary>
    public long Hits => RequestsOf(CacheOutcome.Exact) + RequestsOf(CacheOutcome.Stale) + RequestsOf(CacheOutcome.Semantic);

    /// <summary>Latencies of what the cache had.</summary>
    public OutcomeTotals HitLatency => Of([CacheOutcome.Exact, CacheOutcome.Stale, CacheOutcome.Semantic]);

    /// <summary>Latencies of what was forwarded after a look-up.</summary>
    public OutcomeTotals MissLatency => Of([CacheOutcome.Miss]);

    /// <summary>The plain sums in a fixed order, for storing them.</summary>
    internal Span<long> Sums => _sums;

    private long this[Field field] => _sums[(int)field];

    public long RequestsOf(CacheOutcome outcome) => _outcomes[(int)outcome]?.Requests ?? 0;

    /// <summary>Null: there was none.</summary>
    public OutcomeTotals? Of(CacheOutcome outcome) => _outcomes[(int)outcome];

    /// <summary>Several outcomes together.</summary>
    public OutcomeTotals Of(ReadOnlySpan<CacheOutcome> outcomes)
    {
        var sum = new OutcomeTotals();
        foreach (CacheOutcome outcome in outcomes)
        {
            if (_outcomes[(int)outcome] is { } one)
            {
                sum.Merge(one);
            }
        }

        return sum;
    }

    internal OutcomeTotals Ensure(CacheOutcome outcome) => _outcomes[(int)outcome] ??= new OutcomeTotals();

    /// <summary>As it was when it was new.</summary>
    internal void Clear()
    {
        Array.Clear(_sums);
        Array.Clear(_outcomes);
    }

    internal void Merge(LedgerTotals other)
    {
        for (int i = 0; i < Kinds; i++)
        {
            if (other._outcomes[i] is { } outcome)
            {
                Ensure((CacheOutcome)i).Merge(outcome);
            }
        }

        for (int i = 0; i < Fields; i++)
        {
            Add(i, other._sums[i]);
        }
    }

    // As money does: an absurd figure stays at the end of the scale, and does not come round to the other one.
    internal void Add(int field, long value)
    {
        // Of a hit's two dozen figures most are 0.
        if (value != 0)
        {
            _sums[field] = (new Money(_sums[field]) + new Money(value)).Nanodollars;
        }
    }

    /// <param name="withTimes">False: without the distribution of times, where sums are kept for very many keys.</param>
    internal void Add(in LedgerRow row, bool withTimes = true)
    {
        if (row.Work == LedgerWork.Client)
        {
            AddRequest(row, withTimes);
        }
        else
        {
            Add(Field.BackgroundCalls, row.Requests);
            Add(Field.BackgroundPaid, row.Paid?.Nanodollars ?? 0);
        }

        Add(Field.UnknownPrice, row.Paid is null || row.Avoided is null ? row.Requests : 0);
        Add(Field.PartPrice, row.IsPartPriced ? row.Requests : 0);
        Add(Field.Paid, row.Paid?.Nanodollars ?? 0);
        Add(Field.Avoided, row.Avoided?.Nanodollars ?? 0);
        Add(Field.Overhead, row.Overhead.Nanodollars);
        AddPrefix(row);
        TokenSums.Of(row.Usage).AddTo(this, (int)Field.Spent);
        TokenSums.Of(row.Saved).AddTo(this, (int)Field.Saved);
    }

    private void AddRequest(in LedgerRow row, bool withTimes)
    {
        Add(Field.Requests, row.Requests);
        Add(Field.RequestBytes, row.RequestBytes);
        Add(Field.AnswerBytes, row.AnswerBytes);
        OutcomeTotals outcome = Ensure(row.Outcome);
        outcome.Requests += row.Requests;
        if (row.Status == LedgerRow.ClientGone)
        {
            Add(Field.Aborted, row.Requests);
        }
        else if (row.Status >= 400)
        {
            Add(Field.Errors, row.Requests);
        }
        else if (withTimes)
        {
            outcome.FirstByte.Record(row.FirstByteSeconds / row.Requests, row.Requests);
            outcome.Total.Record(row.TotalSeconds / row.Requests, row.Requests);
        }

        if (row.IsSaving && row.MissSeconds >= 0)
        {
            Add(Field.SavedMicroseconds, LedgerRow.ToMicroseconds(row.MissSeconds) - LedgerRow.ToMicroseconds(row.TotalSeconds));
        }

        if (row.Outcome == CacheOutcome.Semantic)
        {
            Add(Field.SimilarityMillionths, (long)Math.Round(row.Similarity * 1e6) * row.Requests);
        }

    }

    private void AddPrefix(in LedgerRow row)
    {
        if (row.IsPrefixCompared)
        {
            Add(Field.PredictedCachedTokens, row.PredictedCachedTokens);
            Add(Field.DeliveredCachedTokens, row.Usage.CachedRead);
            Add(Field.Compared, row.Requests);
        }
        else if (row.IsPrefixUncompared)
        {
            Add(Field.Uncompared, row.Requests);
        }
    }

    private void Add(Field field, long value) => Add((int)field, value);
}
