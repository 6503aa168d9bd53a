using System.Diagnostics;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Exchange.Routes;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange;

/// <summary>
/// What one request carries from stage to stage. Every property has one stage that writes it; later stages read. The numbers are the
/// stages' places in <see cref="Pipeline.RequestPipeline"/>.
/// </summary>
public sealed class ExchangeFeature
{
    // Boxed: hits have neither, and they would be 136 bytes in each of their exchanges.
    private object? _usage;
    private object? _spared;

    // 1 Entry.

    public required Dialect Dialect { get; init; }

    public required Scope Scope { get; init; }

    /// <summary>Hash of the client's credentials where <see cref="Scope"/> does not tell them apart; zero elsewhere.</summary>
    public Fingerprint256 Sender { get; init; }

    /// <summary>
    /// The request's bytes. They live in a pooled array until <see cref="KeepBody"/>: a stage that uses them after the request's first
    /// synchronous part must call it.
    /// </summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The part of the cache to look in and store to; empty: the common one.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>What beside the body can change the answer: the query, and headers that switch the API's version or beta features. Empty: nothing of it.</summary>
    public string Variant { get; init; } = "";

    /// <summary>For purging what this request stores.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The client's wish for the stored entry, not yet clamped; null: none.</summary>
    public int? TtlSeconds { get; init; }

    public SemanticWish Semantic { get; init; }

    public CacheDirectives Directives { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the request arrived.</summary>
    public long ArrivedTimestamp { get; init; }

    /// <summary>The span of the request on whose behalf the proxy asks of its own accord; default: a client asks, or nobody traces it.</summary>
    public ActivityContext Origin { get; init; }

    /// <summary>The proxy asks it of its own accord, and no client.</summary>
    public bool IsRepeat { get; private init; }

    /// <summary>Entry and Fingerprint lower them; nobody raises them.</summary>
    public CacheFlags Flags { get; init; } = new();

    // 2 Fingerprint.

    public RequestFacts Facts { get; set; } = NoFacts;

    /// <summary>Identity of the request within its scope: equal fingerprints have equal answers.</summary>
    public Fingerprint256 Fingerprint { get; set; }

    /// <summary>Identity of everything but <see cref="RequestFacts.LastUserText"/>; only meaningful where that is not null.</summary>
    public Fingerprint256 Partition { get; set; }

    public UpstreamRoute? Route { get; set; }

    /// <summary>The settings that count for this request, from here to the entry that its answer becomes.</summary>
    public CachePolicy Policy { get; set; } = CachePolicy.Default;

    // 3 ExactCache.

    /// <summary>An entry that is too old to answer at once but may when the upstream fails (<c>stale-if-error</c>).</summary>
    public CacheEntry? StaleEntry { get; set; }

    /// <summary>An entry that is too old to answer in any case, as long as it is kept.</summary>
    public CacheEntry? ExpiredEntry { get; set; }

    // Budget, between 3 and 4.

    /// <summary>
    /// A budget has no room for what the request would cost: it may be given what others have paid for and no more. Set before the first byte of its
    /// answer; who reads an answer along whose leader was refused must not take that for its own.
    /// </summary>
    public RequestError? Refusal { get; set; }

    // 4 Flight.

    /// <summary>The bytes of the answer, kept as they pass; null where nothing keeps them.</summary>
    public IAnswerCapture? Capture { get; set; }

    /// <summary>The answer under way that this request reads, or read last; null: it was answered by itself.</summary>
    public IFlight? Flight { get; set; }

    /// <summary><see cref="PurgeLog.Mark"/> before the answer was asked for.</summary>
    public long PurgeMark { get; set; }

    /// <summary>Of a refresh: id of the entry whose place its answer takes.</summary>
    public string? Replaces { get; init; }

    /// <summary>What those who joined want of the entry; null: nothing beside what this request wants.</summary>
    public JoinedWishes? Joined { get; set; }

    /// <summary>For purging what this request stores: its own tags, and those of all who read along.</summary>
    public IReadOnlyList<string> EntryTags => Joined is { Tags.Count: > 0 } joined ? [.. Tags.Union(joined.Tags)] : Tags;

    // 5 SemanticCache.

    /// <summary>Why the question was not looked up by its meaning, where that is worth telling the client.</summary>
    public SemanticSkip SemanticSkip { get; set; }

    /// <summary>The nearest candidate that was looked at and not served; null: there was none, or another one was served.</summary>
    public NearMiss? NearMiss { get; set; }

    /// <summary>Seconds that the proxy's own models worked on this request: embedder and verifier in the process. Calls to an embedding endpoint are bills of their own.</summary>
    public double OwnWorkSeconds { get; set; }

    /// <summary>The question is made findable by whoever compares its answer, and not when that is recorded.</summary>
    public bool IsIndexedAfter { get; set; }

    // 6 PrefixTag.

    /// <summary>Where the prompt could be cut; null: it is not tagged, or has no turns.</summary>
    public PromptOutline? Outline { get; set; }

    /// <summary>Id of the longest reusable part of the prompt; 32 hex digits.</summary>
    public string? PrefixId { get; set; }

    /// <summary>Keeps what the upstream computes for this scope apart from other scopes'; null: not sent.</summary>
    public string? Salt { get; set; }

    /// <summary>One for all requests of the scope that begin with the same instructions, whatever was said since; null: not sent.</summary>
    public string? PromptKey { get; set; }

    // 7 Record.

    /// <summary>The entry that this request's answer became.</summary>
    public CacheEntry? Recorded { get; set; }

    /// <summary>Why the answer became no entry though it might have; null: it did, or was not to. The snake_case name of Record's result.</summary>
    public string? NotStored { get; set; }

    /// <summary>The answer where it is one text and nothing else, thoughts and calls among that; null: it is more, or nobody has read it.</summary>
    public string? PlainAnswer { get; set; }

    // 8 Forward.

    /// <summary>Of the prefix cache of the upstream that was asked last.</summary>
    public PrefixExpectation Expectation { get; set; } = PrefixExpectation.None;

    /// <summary>Why the upstream gave no answer of its own; null: it gave one, or was not asked.</summary>
    public RequestError? UpstreamError { get; set; }

    /// <summary>Who answered, or was asked last; null: nobody was.</summary>
    public UpstreamTarget? Served { get; set; }

    /// <summary>The upstream was asked for the usage of a stream though the client was not: its chunk is for us. Written before the answer starts.</summary>
    public bool UsageWasAdded { get; set; }

    /// <summary>When the upstream began to answer: an answer's age counts from here (RFC 9111 §4.2.3).</summary>
    public DateTimeOffset AnsweredAt { get; set; }

    /// <summary>Seconds from forwarding to the last byte.</summary>
    public double UpstreamSeconds { get; set; }

    /// <summary>What the upstream billed for this exchange: read while its answer passed, whether or not that is recorded. Unknown: it did not say, or was not asked.</summary>
    public TokenCounts Usage
    {
        get => _usage is null ? TokenCounts.Unknown : (TokenCounts)_usage;
        set => _usage = value;
    }

    /// <summary>The model as the upstream's answer names it, version and all; null: it did not.</summary>
    public string? BilledModel { get; set; }

    /// <summary>Seconds of the upstream's machine that the answer took, those that others ran beside it shared with them; null: it is not ours to pay by the hour.</summary>
    public double? MachineSeconds { get; set; }

    /// <summary>Of the call that answered, while its usage is not known yet; null: nobody traces it.</summary>
    public Activity? UpstreamSpan { get; set; }

    // Whoever answers.

    public CacheOutcome Outcome { get; set; }

    /// <summary>The entry that answered; null: the upstream did.</summary>
    public CacheEntry? Answered { get; set; }

    /// <summary>What those parts of an answer made in parts would have been billed that the upstream was not asked for; null: it was made as one.</summary>
    public TokenCounts? Spared
    {
        get => (TokenCounts?)_spared;
        set => _spared = value;
    }

    /// <summary>Bytes of the body that left for the client.</summary>
    public long AnswerBytes { get; set; }

    /// <summary>Cosine of a semantic hit.</summary>
    public float Similarity { get; set; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> when the first byte of the answer left; 0: none has.</summary>
    public long FirstByteTimestamp { get; set; }

    /// <summary>By the clock on the wall, when an entry's answer began to leave; default: no entry answered.</summary>
    public DateTimeOffset RepliedAt { get; set; }

    public bool IsBodyKept { get; private set; }

    /// <summary>The body outlives the request that brought it: its array never goes back to the pool.</summary>
    public void KeepBody() => IsBodyKept = true;

    /// <summary>The same request, asked again by the proxy itself to replace an entry.</summary>
    /// <param name="previous">What is said of it holds for the new one too: who purges by its tags must find that. Null: there are several.</param>
    public ExchangeFeature ForRefresh(CacheEntry? previous = null)
    {
        KeepBody();
        var refresh = new ExchangeFeature
        {
            Dialect = Dialect,
            Scope = Scope,
            Sender = Sender,
            Body = Body,
            Namespace = Namespace,
            Variant = Variant,
            Tags = previous is null ? Tags : [.. previous.Tags.Union(Tags)],
            Replaces = previous?.Id,
            TtlSeconds = TtlSeconds ?? (previous is { HasAskedTtl: true } ? previous.TtlSeconds : null),
            IsRepeat = true,
            // The new answer must be the upstream's own.
            Semantic = new SemanticWish(IsOff: true, MinimumSimilarity: 0),
            ArrivedTimestamp = ArrivedTimestamp,
            Origin = Activity.Current?.Context ?? default,
            Facts = Facts,
            Fingerprint = Fingerprint,
            Partition = Partition,
            Route = Route,
            Policy = Policy,
        };
        refresh.KeepBody();
        return refresh;
    }

    /// <summary>The same request for a part of what it asks, under the same flags.</summary>
    public ExchangeFeature ForPart(ReadOnlyMemory<byte> body, Fingerprint256 fingerprint)
    {
        var part = new ExchangeFeature
        {
            Dialect = Dialect,
            Scope = Scope,
            Sender = Sender,
            Body = body,
            Namespace = Namespace,
            Tags = Tags,
            TtlSeconds = TtlSeconds,
            Semantic = Semantic,
            Directives = Directives,
            ArrivedTimestamp = ArrivedTimestamp,
            Origin = Origin,
            Flags = Flags,
            Facts = Facts,
            Fingerprint = fingerprint,
            Route = Route,
            Policy = Policy,
            PurgeMark = PurgeMark,
            Variant = Variant,
            Salt = Salt,
            Refusal = Refusal,
        };
        part.KeepBody();
        return part;
    }

    private static RequestFacts NoFacts { get; } = new() { Model = "" };
}
