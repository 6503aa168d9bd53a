using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.Exchange.Answers;

/// <summary>
/// A complete answer as ordered events, and the bytes that the upstream sent. Within the recorded dialect it replays from the bytes, in
/// either mode; in another dialect from the events.
/// </summary>
public sealed record CanonicalAnswer
{
    private WeakReference<IReadOnlyList<AnswerEvent>>? _read;

    /// <summary>The upstream's id of the answer (<c>chatcmpl-…</c>, <c>resp_…</c>, <c>msg_…</c>).</summary>
    public required string UpstreamId { get; init; }

    /// <summary>Model name as the upstream reported it.</summary>
    public required string Model { get; init; }

    /// <summary>Unix seconds as the upstream reported them.</summary>
    public required long CreatedUnixSeconds { get; init; }

    public string? SystemFingerprint { get; init; }

    /// <summary>
    /// In order, choice after choice, each ended by its finish; then usage if it was reported. Without <see cref="ListedEvents"/> they are read
    /// from the body when somebody asks, and let go of again: most entries never leave the form that they were recorded in.
    /// </summary>
    public IReadOnlyList<AnswerEvent> Events
    {
        get => ListedEvents ?? EventsOfBody();
        init
        {
            ListedEvents = value;
            _read = null;
            Traits = AnswerTraitsReader.Of(value);
            Tokens = TokenCounts.Of(value);
        }
    }

    /// <summary>The events where they are kept beside the body; null: the body says them.</summary>
    public IReadOnlyList<AnswerEvent>? ListedEvents { get; private init; }

    /// <summary>Read from the events once: every look-up asks for it.</summary>
    public AnswerTraits Traits { get; init; }

    /// <summary>Of the usage in the events.</summary>
    public TokenCounts Tokens { get; init; } = TokenCounts.Unknown;

    /// <summary>The body as it was received, bytes unchanged.</summary>
    public required RecordedBody Body { get; init; }

    /// <summary>The same answer, read from its body: a list, a dozen objects and their texts less to keep.</summary>
    public CanonicalAnswer WithoutList() => this with { ListedEvents = null };

    private IReadOnlyList<AnswerEvent> EventsOfBody()
    {
        if (_read is { } read && read.TryGetTarget(out IReadOnlyList<AnswerEvent>? known))
        {
            return known;
        }

        // None, where this version does not read what another one recorded: such an answer is given in its own form alone.
        IReadOnlyList<AnswerEvent> events = AnswerReaders.TryRead(Body)?.Events ?? [];
        _read = new WeakReference<IReadOnlyList<AnswerEvent>>(events);
        return events;
    }
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
