using CacheProxy.Exchange;

namespace CacheProxy.Ledger;

/// <summary>
/// Rows added up. Counts of requests, tokens, bytes and times are the clients'; <see cref="Paid"/> is of all work. Money of unknown price is in no
/// sum: <see cref="RequestsOfUnknownPrice"/> says how many requests that concerns.
/// </summary>
public sealed class LedgerTotals
{
    private static readonly int Kinds = Enum.GetValues<CacheOutcome>().Length;

    private readonly OutcomeTotals?[] _outcomes = new OutcomeTotals?[Kinds];

    /// <summary>Of clients.</summary>
    public long Requests { get; internal set; }

    /// <summary>Calls that the cache made by itself: refreshes, audits, judgements, embeddings.</summary>
    public long BackgroundCalls { get; internal set; }

    /// <summary>Answered with a status of 400 and more; 499 is not among them.</summary>
    public long Errors { get; internal set; }

    /// <summary>Whose client left before the end.</summary>
    public long Aborted { get; internal set; }

    /// <summary>Paid or avoided something whose price is not known, background calls too.</summary>
    public long RequestsOfUnknownPrice { get; internal set; }

    /// <summary>To upstreams, for all work.</summary>
    public Money Paid { get; internal set; }

    /// <summary>Of <see cref="Paid"/>: for the calls that the cache made by itself.</summary>
    public Money BackgroundPaid { get; internal set; }

    /// <summary>What clients' requests would have cost had the cache not answered.</summary>
    public Money Avoided { get; internal set; }

    /// <summary>The cache's own computing: embedder and verifier in the process.</summary>
    public Money Overhead { get; internal set; }

    /// <summary>What having the cache came to: avoided less all that it spent itself. May be negative.</summary>
    public Money Net => Avoided - Overhead - BackgroundPaid;

    /// <summary>Tokens that upstreams billed, for all work.</summary>
    public TokenSums Spent { get; internal set; }

    /// <summary>Tokens that were not asked of an upstream.</summary>
    public TokenSums Saved { get; internal set; }

    /// <summary>What the upstreams would have taken for what the cache answered, less what the cache took. May be negative.</summary>
    public double SecondsSaved => SavedMicroseconds / 1e6;

    public long RequestBytes { get; internal set; }

    public long AnswerBytes { get; internal set; }

    /// <summary>Prompt tokens expected to be in an upstream's prefix cache.</summary>
    public long PredictedCachedTokens { get; internal set; }

    /// <summary>Prompt tokens that came out of it, of the calls that something was predicted for.</summary>
    public long DeliveredCachedTokens { get; internal set; }

    /// <summary>Sum of the cosines of semantic hits.</summary>
    public double SimilaritySum => SimilarityMillionths / 1e6;

    internal long SavedMicroseconds { get; set; }

    internal long SimilarityMillionths { get; set; }

    public long RequestsOf(CacheOutcome outcome) => _outcomes[(int)outcome]?.Requests ?? 0;

    /// <summary>Requests that the cache answered from what it had: exact, stale, semantic.</summary>
    public long Hits => RequestsOf(CacheOutcome.Exact) + RequestsOf(CacheOutcome.Stale) + RequestsOf(CacheOutcome.Semantic);

    /// <summary>Null: there was none.</summary>
    public OutcomeTotals? Of(CacheOutcome outcome) => _outcomes[(int)outcome];

    /// <summary>Several outcomes together.</summary>
    public OutcomeTotals Of(params ReadOnlySpan<CacheOutcome> outcomes)
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

    /// <summary>Latencies of what the cache had.</summary>
    public OutcomeTotals HitLatency => Of(CacheOutcome.Exact, CacheOutcome.Stale, CacheOutcome.Semantic);

    /// <summary>Latencies of what was forwarded after a look-up.</summary>
    public OutcomeTotals MissLatency => Of([CacheOutcome.Miss]);

    internal OutcomeTotals Ensure(CacheOutcome outcome) => _outcomes[(int)outcome] ??= new OutcomeTotals();

    internal void Add(in LedgerRow row)
    {
        bool isClients = row.Work == LedgerWork.Client;
        if (isClients)
        {
            AddRequest(row);
        }
        else
        {
            BackgroundCalls += row.Requests;
            BackgroundPaid += row.Paid ?? Money.Zero;
        }

        RequestsOfUnknownPrice += row.Paid is null || row.Avoided is null ? row.Requests : 0;
        Paid += row.Paid ?? Money.Zero;
        Avoided += row.Avoided ?? Money.Zero;
        Overhead += row.Overhead;
        Spent += TokenSums.Of(row.Usage);
        Saved += TokenSums.Of(row.Saved);
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

        Requests += other.Requests;
        BackgroundCalls += other.BackgroundCalls;
        Errors += other.Errors;
        Aborted += other.Aborted;
        RequestsOfUnknownPrice += other.RequestsOfUnknownPrice;
        Paid += other.Paid;
        BackgroundPaid += other.BackgroundPaid;
        Avoided += other.Avoided;
        Overhead += other.Overhead;
        Spent += other.Spent;
        Saved += other.Saved;
        SavedMicroseconds += other.SavedMicroseconds;
        SimilarityMillionths += other.SimilarityMillionths;
        RequestBytes += other.RequestBytes;
        AnswerBytes += other.AnswerBytes;
        PredictedCachedTokens += other.PredictedCachedTokens;
        DeliveredCachedTokens += other.DeliveredCachedTokens;
    }

    private void AddRequest(in LedgerRow row)
    {
        Requests += row.Requests;
        RequestBytes += row.RequestBytes;
        AnswerBytes += row.AnswerBytes;
        OutcomeTotals outcome = Ensure(row.Outcome);
        outcome.Requests += row.Requests;
        if (row.Status == LedgerRow.ClientGone)
        {
            Aborted += row.Requests;
        }
        else if (row.Status >= 400)
        {
            Errors += row.Requests;
        }
        else
        {
            outcome.FirstByte.Record(row.FirstByteSeconds / row.Requests, row.Requests);
            outcome.Total.Record(row.TotalSeconds / row.Requests, row.Requests);
        }

        if (row.IsSaving && row.MissSeconds >= 0)
        {
            SavedMicroseconds += (long)Math.Round((row.MissSeconds - row.TotalSeconds) * 1e6);
        }

        if (row.Outcome == CacheOutcome.Semantic)
        {
            SimilarityMillionths += (long)Math.Round(row.Similarity * 1e6) * row.Requests;
        }

        if (row.PredictedCachedTokens >= 0)
        {
            PredictedCachedTokens += row.PredictedCachedTokens;
            DeliveredCachedTokens += Math.Max(0, row.Usage.CachedRead);
        }
    }
}
