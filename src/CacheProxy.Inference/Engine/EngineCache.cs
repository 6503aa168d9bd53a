using System.Threading.Channels;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Engine;

/// <summary>
/// What an operator can ask of the engine's cache and do to it, from any thread. Not for clients: explanations compare with every
/// salt, and a reset takes time from all.
/// </summary>
public sealed class EngineCache
{
    private readonly InferenceEngine _engine;
    private readonly ITokenVocabulary _vocabulary;

    internal EngineCache(InferenceEngine engine, ITokenVocabulary vocabulary) => (_engine, _vocabulary) = (engine, vocabulary);

    /// <exception cref="RequestRefusedException">The engine is stopping or has failed.</exception>
    public Task<CacheStats> GetStatsAsync() => _engine.QueryCacheAsync(cache => new CacheInspector(cache, _vocabulary).Stats);

    /// <summary>Forgets what no sequence uses now, pins included, in the pool and in the tiers.</summary>
    /// <param name="salt">Null: everything.</param>
    /// <returns>Blocks forgotten.</returns>
    /// <exception cref="RequestRefusedException">The engine is stopping or has failed.</exception>
    public Task<int> ResetAsync(string? salt) => _engine.QueryCacheAsync(cache => cache.Reset(salt));

    /// <param name="tokens">A prompt, at least one token, all of the vocabulary.</param>
    /// <exception cref="RequestRefusedException">The prompt is empty or has unknown tokens; the engine is stopping or has failed.</exception>
    public Task<CacheExplanation> ExplainAsync(string salt, int[] tokens)
    {
        RequestCheck.CheckPrompt(tokens, _vocabulary);
        return _engine.QueryCacheAsync(cache => new CacheInspector(cache, _vocabulary).Explain(cache.SaltOf(salt, tokens.Length + 1), tokens));
    }

    /// <summary>Computes a prompt where it is not cached, and holds its full blocks against eviction until a time has passed since their last hit.</summary>
    /// <param name="ttl">Cut to <see cref="Scheduling.KvCacheOptions.MaxPinTtl"/>.</param>
    /// <exception cref="RequestRefusedException">The prompt cannot be computed; the engine is stopping or has failed.</exception>
    public async Task<(PinOutcome Outcome, int PinnedTokens)> PinAsync(string salt, int[] tokens, TimeSpan ttl, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero);
        var request = new GenerationRequest { PromptTokens = tokens, MaxTokens = 1, Salt = salt, IgnoreEndOfSequence = true };
        ChannelReader<GenerationEvent> events = _engine.Submit(request, cancellation);
        await foreach (GenerationEvent item in events.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished { Error: { } error })
            {
                throw new RequestRefusedException(RefusalReason.Unhealthy, error);
            }
        }

        return await _engine.QueryCacheAsync(cache =>
        {
            PinOutcome outcome = cache.Pins.TryPin(cache.SaltOf(salt, tokens.Length + 1), tokens, ttl < cache.MaxPinTtl ? ttl : cache.MaxPinTtl, out int pinned);
            return (outcome, pinned);
        }).ConfigureAwait(false);
    }
}
