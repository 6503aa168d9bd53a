using CacheProxy.Exchange.Replay;

namespace CacheProxy.Exchange.Answers;

/// <summary>
/// A complete answer as ordered events, and the bytes that the upstream sent. Within the recorded dialect it replays from the bytes, in
/// either mode; in another dialect from the events.
/// </summary>
public sealed record CanonicalAnswer
{
    /// <summary>The upstream's id of the answer (<c>chatcmpl-…</c>, <c>resp_…</c>, <c>msg_…</c>).</summary>
    public required string UpstreamId { get; init; }

    /// <summary>Model name as the upstream reported it.</summary>
    public required string Model { get; init; }

    /// <summary>Unix seconds as the upstream reported them.</summary>
    public required long CreatedUnixSeconds { get; init; }

    public string? SystemFingerprint { get; init; }

    /// <summary>In order, choice after choice, each ended by its finish; then usage if it was reported.</summary>
    public required IReadOnlyList<AnswerEvent> Events
    {
        get;
        init
        {
            field = value;
            Traits = AnswerTraitsReader.Of(value);
        }
    }

    /// <summary>Read from the events once: every look-up asks for it.</summary>
    public AnswerTraits Traits { get; private init; }

    /// <summary>The body as it was received, bytes unchanged.</summary>
    public required RecordedBody Body { get; init; }
}

/// <param name="Dialect">The API whose shape the bytes have.</param>
/// <param name="IsStream">Server-sent events, else one JSON object.</param>
/// <param name="IncludesUsage">For a stream: whether it carries the usage chunk (<c>stream_options.include_usage</c>).</param>
public sealed record RecordedBody(Dialect Dialect, bool IsStream, bool IncludesUsage, string ContentType, ReadOnlyMemory<byte> Bytes)
{
    private ReadOnlyMemory<byte>[]? _withoutUsage;

    /// <summary>The same bytes in order for a client that did not ask for usage, where they include it. Found once, not copied.</summary>
    public ReadOnlyMemory<byte>[] WithoutUsage => _withoutUsage ??= UsageFilter.Split(Bytes);
}
