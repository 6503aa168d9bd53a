using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Tests.SemanticCache;

internal sealed class FakeEntryStore : IEntryStore
{
    private readonly Dictionary<Fingerprint256, CacheEntry> _entries = [];

    public string Name => "fake";

    public Exception? Failure { get; set; }

    /// <summary>Runs when an entry was stored.</summary>
    public Action? OnSet { get; set; }

    public ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => Failure is null ? new(_entries.GetValueOrDefault(fingerprint)) : throw Failure;

    public ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        _entries[entry.Fingerprint] = entry;
        OnSet?.Invoke();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken) => new(_entries.Remove(fingerprint));

    public ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
        => new(_entries.Values.LongCount(selector.Matches));

    public ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
    {
        CacheEntry[] found = [.. _entries.Values.Where(selector.Matches)];
        Array.ForEach(found, entry => _entries.Remove(entry.Fingerprint));
        Array.ForEach(found, entry => removed?.Invoke(entry.Fingerprint));
        return new(found.Length);
    }

    public IAsyncEnumerable<CacheEntry> ReadAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken)
        => _entries.Values.Where(selector.Matches).ToAsyncEnumerable();

    public static CacheEntry Entry(Fingerprint256 fingerprint, DateTimeOffset now, int ttlSeconds = 3600) => new()
    {
        Id = "entry",
        Fingerprint = fingerprint,
        Scope = "scope",
        Namespace = "",
        Model = "model",
        CreatedAt = now,
        TtlSeconds = ttlSeconds,
        Answer = new CanonicalAnswer
        {
            UpstreamId = "id",
            Model = "model",
            CreatedUnixSeconds = 0,
            Events = [new AnswerEvent.TextDelta(0, "Paris."), new AnswerEvent.Finish(0, "stop")],
            Body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", new byte[] { 0x7B, 0x7D }),
        },
    };
}
