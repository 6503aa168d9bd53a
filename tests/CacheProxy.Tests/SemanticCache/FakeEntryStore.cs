using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Tests.SemanticCache;

internal sealed class FakeEntryStore : IEntryStore
{
    private readonly Dictionary<Fingerprint256, CacheEntry> _entries = [];

    public string Name => "fake";

    public Exception? Failure { get; set; }

    public ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => Failure is null ? new(_entries.GetValueOrDefault(fingerprint)) : throw Failure;

    public ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        _entries[entry.Fingerprint] = entry;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken) => new(_entries.Remove(fingerprint));

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
