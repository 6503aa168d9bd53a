using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Observability;

/// <summary>
/// The ledger's sums since the start, by model, as counters: whole nanodollars and tokens, so that they agree with every other surface. What the cache came to is
/// <c>cost.saved - cost.overhead - cost.spent{work≠client}</c>.
/// </summary>
public sealed class LedgerMetrics : ILedgerObserver
{
    private const string ModelTag = "gen_ai.request.model";
    private const string OutcomeTag = "cacheproxy.cache.outcome";
    private const string WorkTag = "cacheproxy.work";
    private const string UpstreamTag = "cacheproxy.upstream.name";
    private const string TokenTag = "cacheproxy.token.class";

    private static readonly string[] TokenClasses = ["input", "cached_input", "cache_write", "output"];

    private static readonly InstrumentAdvice<double> SimilarityBuckets = new() { HistogramBucketBoundaries = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99] };

    private readonly ConcurrentDictionary<(string Model, CacheOutcome Outcome), LedgerSums> _saved = new();
    private readonly ConcurrentDictionary<(string Model, LedgerWork Work), LedgerSums> _spent = new();
    private readonly KnownModels _models;
    private readonly Action? _drain;
    private readonly Counter<long> _unpriced;
    private readonly Counter<long> _partPriced;
    private readonly Counter<long> _nearMisses;
    private readonly Histogram<double> _similarity;
    private readonly Counter<long> _predicted;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _uncompared;

    /// <param name="drain">Shows this the rows that are under way, before the sums are read; null: there are none.</param>
    public LedgerMetrics(IMeterFactory factory, KnownModels models, Action? drain = null)
    {
        (_models, _drain) = (models, drain);
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableCounter("cacheproxy.cost.spent", () => Spent(sums => sums.Usd), "USD", "Paid to upstreams, by who caused it; calls of unknown price are not in it");
        meter.CreateObservableCounter("cacheproxy.cost.saved", () => Saved(sums => sums.Usd), "USD", "What requests would have cost had the cache not answered them; those of unknown price are not in it");
        meter.CreateObservableCounter("cacheproxy.cost.overhead", () => Spent(sums => sums.OverheadUsd), "USD", "The proxy's own computing: embedder and verifier");
        meter.CreateObservableCounter("cacheproxy.time.saved", () => Saved(sums => sums.Seconds), "s", "What upstreams would have taken for requests that the cache answered faster");
        meter.CreateObservableCounter("cacheproxy.tokens.spent", () => Spent(TokensOf), "{token}", "Tokens that upstreams billed, by who caused it; no token is in two classes");
        meter.CreateObservableCounter("cacheproxy.tokens.saved", () => Saved(TokensOf), "{token}", "Tokens that no upstream was asked for; no token is in two classes");
        _unpriced = meter.CreateCounter<long>("cacheproxy.cost.unknown", "{request}", "Requests and background calls whose cost or saving is not known: the model has no price, or the answer no usage");
        _partPriced = meter.CreateCounter<long>("cacheproxy.cost.part", "{request}", "Requests and background calls whose cost or saving is in the sums with a part: what the provider charges beside tokens has no known price");
        _nearMisses = meter.CreateCounter<long>("cacheproxy.semantic.near_misses", "{request}", "Requests whose nearest question was like enough to compare and was not served");
        _similarity = meter.CreateHistogram("cacheproxy.semantic.similarity", "1", "Cosine of the nearest question, served or not", advice: SimilarityBuckets);
        _predicted = meter.CreateCounter<long>("cacheproxy.prefix.predicted", "{token}", "Prompt tokens expected to be in an upstream's prefix cache, of the calls whose answer told how many were");
        _delivered = meter.CreateCounter<long>("cacheproxy.prefix.delivered", "{token}", "Prompt tokens that came out of it, of the calls that something was predicted for");
        _uncompared = meter.CreateCounter<long>("cacheproxy.prefix.unpredicted", "{request}", "Calls of which one of the two is not known");
    }

    // Sums do not mind being a little later, and cost a fraction where rows that repeat come as one.
    public bool IsLive => false;

    public void OnAdded(in LedgerRow row)
    {
        string model = _models.LabelOf(row.Model, row.Status == StatusCodes.Status200OK);
        if (row.Upstream is not null || row.Work != LedgerWork.Client || row.Overhead != Money.Zero)
        {
            _spent.GetOrAdd((model, row.Work), static _ => new LedgerSums()).AddSpent(row);
        }

        if (row.IsSaving)
        {
            _saved.GetOrAdd((model, row.Outcome), static _ => new LedgerSums()).AddSaved(row);
        }

        if (row.Paid is null || row.Avoided is null)
        {
            _unpriced.Add(row.Requests, new KeyValuePair<string, object?>(ModelTag, model));
        }
        else if (row.IsPartPriced)
        {
            _partPriced.Add(row.Requests, new KeyValuePair<string, object?>(ModelTag, model));
        }

        if (row.IsPrefixCompared || row.IsPrefixUncompared)
        {
            NotePrefix(row);
        }

        if (row is { Work: LedgerWork.Client, Similarity: > 0 })
        {
            NoteSimilarity(row, model);
        }
    }

    private void NotePrefix(in LedgerRow row)
    {
        var upstream = new KeyValuePair<string, object?>(UpstreamTag, row.Upstream);
        if (row.IsPrefixUncompared)
        {
            _uncompared.Add(row.Requests, upstream);
            return;
        }

        _predicted.Add(row.PredictedCachedTokens, upstream);
        _delivered.Add(row.Usage.CachedRead, upstream);
    }

    private void NoteSimilarity(in LedgerRow row, string model)
    {
        bool isHit = row.Outcome == CacheOutcome.Semantic;
        _similarity.Record(row.Similarity, new KeyValuePair<string, object?>("cacheproxy.semantic.served", isHit));
        if (!isHit && row.NearEntryId is not null)
        {
            _nearMisses.Add(row.Requests, new KeyValuePair<string, object?>(ModelTag, model));
        }
    }

    private static IEnumerable<(string Class, long Count)> TokensOf(LedgerSums sums) => TokenClasses.Zip(sums.Tokens);

    private IEnumerable<Measurement<double>> Spent(Func<LedgerSums, double> read)
        => from pair in Drained(_spent) select new Measurement<double>(read(pair.Value), [new(ModelTag, pair.Key.Model), new(WorkTag, pair.Key.Work.ToTag())]);

    private IEnumerable<Measurement<double>> Saved(Func<LedgerSums, double> read)
        => from pair in Drained(_saved) select new Measurement<double>(read(pair.Value), [new(ModelTag, pair.Key.Model), new(OutcomeTag, pair.Key.Outcome.ToTag())]);

    private IEnumerable<Measurement<long>> Spent(Func<LedgerSums, IEnumerable<(string Class, long Count)>> read)
        => from pair in Drained(_spent)
           from tokens in read(pair.Value)
           select new Measurement<long>(tokens.Count, [new(ModelTag, pair.Key.Model), new(WorkTag, pair.Key.Work.ToTag()), new(TokenTag, tokens.Class)]);

    private IEnumerable<Measurement<long>> Saved(Func<LedgerSums, IEnumerable<(string Class, long Count)>> read)
        => from pair in Drained(_saved)
           from tokens in read(pair.Value)
           select new Measurement<long>(tokens.Count, [new(ModelTag, pair.Key.Model), new(OutcomeTag, pair.Key.Outcome.ToTag()), new(TokenTag, tokens.Class)]);

    private T Drained<T>(T sums)
    {
        _drain?.Invoke();
        return sums;
    }
}
