using System.Buffers.Binary;
using System.Security.Cryptography;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Stores.Codec;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>Requests in order, each for one of the entries, and what answering each anew costs.</summary>
/// <param name="Requests">Indices into <paramref name="Entries"/>.</param>
internal sealed record CostTrace(string Name, IReadOnlyList<CacheEntry> Entries, IReadOnlyList<int> Requests)
{
    /// <summary>The longest answer of any trace; its bytes are shared, since nothing reads them.</summary>
    private static readonly byte[] Text = new byte[1 << 20];

    /// <summary>Bytes of all entries that are asked for.</summary>
    public long WorkingSetBytes { get; } = Requests.Distinct().Sum(request => (long)EntrySize.Estimate(Entries[request]));

    /// <param name="number">Of the trace's own: two entries of one number are the same question.</param>
    /// <param name="seconds">That making the answer took.</param>
    public static CacheEntry Entry(int number, int answerBytes, int promptTokens, int completionTokens, double seconds)
    {
        Span<byte> source = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(source, number);
        return new CacheEntry
        {
            Id = "",
            Fingerprint = new Fingerprint256(SHA256.HashData(source)),
            Scope = "",
            Namespace = "",
            Model = "",
            CreatedAt = DateTimeOffset.UnixEpoch,
            TtlSeconds = int.MaxValue,
            MissDurationSeconds = seconds,
            Answer = new CanonicalAnswer
            {
                UpstreamId = "",
                Model = "",
                CreatedUnixSeconds = 0,
                Events = [new AnswerEvent.Usage("", promptTokens, completionTokens, 0)],
                Body = new RecordedBody(Dialect.OpenAIChat, false, false, "", Text.AsMemory(0, Math.Min(answerBytes, Text.Length))),
            },
        };
    }
}
