using System.Diagnostics.Metrics;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Observability;

/// <summary>What embedding costs, and how far the stored questions are embedded again after a change of the model.</summary>
public sealed class EmbedderMetrics
{
    private const string ModelTag = "gen_ai.request.model";

    /// <summary>For tools without a proxy around them: nobody looks.</summary>
    public static EmbedderMetrics Unread { get; } = new(new Meter("CacheProxy.Tools"));

    private readonly Counter<long> _texts;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _reembedded;
    private readonly EmbeddingBills? _bills;
    private long _waiting;

    /// <param name="bills">Where the calls are charged; null: nowhere.</param>
    public EmbedderMetrics(IMeterFactory factory, EmbeddingBills? bills = null)
        : this(factory.Create(CacheProxyMetrics.MeterName)) => _bills = bills;

    private EmbedderMetrics(Meter meter)
    {
        _texts = meter.CreateCounter<long>("cacheproxy.embedder.texts", "{text}", "Texts that the embeddings endpoint was asked for");
        _tokens = meter.CreateCounter<long>("cacheproxy.embedder.tokens", "{token}", "Tokens that the embeddings endpoint counted");
        _cost = meter.CreateCounter<double>("cacheproxy.embedder.cost", "{USD}", "Price of those tokens");
        _reembedded = meter.CreateCounter<long>("cacheproxy.reembedding.questions", "{question}", "Stored questions that were embedded again, or given up, after the model changed");
        meter.CreateObservableGauge("cacheproxy.reembedding.waiting", () => Interlocked.Read(ref _waiting), "{question}", "Stored questions whose vectors are still an earlier model's");
    }

    /// <param name="tokens">-1: the endpoint did not say.</param>
    /// <param name="usdPerMillion">US dollars per million tokens; 0: not set.</param>
    public void Embedded(string model, int texts, long tokens, double usdPerMillion)
    {
        var tag = new KeyValuePair<string, object?>(ModelTag, model);
        _texts.Add(texts, tag);
        _tokens.Add(Math.Max(0, tokens), tag);
        _cost.Add(Math.Max(0, tokens) * usdPerMillion / 1e6, tag);
        _bills?.Add(model, tokens, usdPerMillion);
    }

    /// <param name="waiting">Questions that are left.</param>
    public void Reembedding(long waiting) => Interlocked.Exchange(ref _waiting, waiting);

    /// <param name="succeeded">False: given up, its text is not one that this model reads.</param>
    public void Reembedded(bool succeeded)
    {
        _reembedded.Add(1, new KeyValuePair<string, object?>("cacheproxy.reembedding.result", succeeded ? "done" : "dropped"));
        Interlocked.Decrement(ref _waiting);
    }
}
