using System.Buffers;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Readers;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Record;

/// <summary>Makes an entry of a complete answer, and only of one.</summary>
public sealed class EntryFactory(ScopeResolver scopes, IOptionsMonitor<ExactOptions> options)
{
    public RecordResult TryMake(HttpContext context, ExchangeFeature exchange, IAnswerCapture capture, out CacheEntry? entry)
    {
        entry = null;
        ExactOptions current = options.CurrentValue;
        HttpResponse response = context.Response;
        ReadOnlySequence<byte> bytes = capture.Bytes;
        if (response.StatusCode != StatusCodes.Status200OK)
        {
            return RecordResult.NotOk;
        }

        if (bytes.Length > current.MaxAnswerBytes)
        {
            return RecordResult.TooLarge;
        }

        bool isStream = response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;
        bool isObject = response.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;
        if (response.Headers.ContentEncoding.Count > 0 || (exchange.Facts.IsStream ? !isStream : !isObject))
        {
            return RecordResult.UnknownForm;
        }

        var body = new RecordedBody(exchange.Dialect, isStream, exchange.Facts.IncludesUsage || exchange.UsageWasAdded, SharedText.Of(response.ContentType!), bytes.ToArray());
        return TryMake(exchange, body, response.Headers, out entry);
    }

    /// <param name="headers">What came with the body; empty where it did not come from an upstream.</param>
    public RecordResult TryMake(ExchangeFeature exchange, RecordedBody body, IHeaderDictionary headers, out CacheEntry? entry)
    {
        entry = null;
        CanonicalAnswer? answer = AnswerReaders.TryRead(body);
        if (answer is null)
        {
            return RecordResult.Malformed;
        }

        exchange.PlainAnswer = PlainText(answer.Events);
        if (exchange.UsageWasAdded && !exchange.Facts.IncludesUsage && !answer.Events.Any(item => item is AnswerEvent.Usage))
        {
            // Asked for, but the upstream does not know the option: who asks for usage itself may find one that does.
            answer = answer with { Body = body with { IncludesUsage = false } };
        }

        // What a hit on it saves is counted with the same figures as what it cost.
        answer = answer with { Tokens = UsageLimits.Believe(answer.Tokens, exchange.Body.Length, body.Bytes.Length) };
        if (answer.CreatedUnixSeconds == 0)
        {
            // Anthropic does not say it; the other dialects' answers must.
            answer = answer with { CreatedUnixSeconds = exchange.AnsweredAt.ToUnixTimeSeconds() };
        }

        RecordResult verdict = AnswerJudge.Judge(answer, exchange.Facts, storeTruncated: !exchange.Policy.Refused.HasFlag(AnswerTraits.Truncated));
        Lifetime lifetime = FreshnessPolicy.For(exchange, UpstreamCacheControl.Read(headers.CacheControl));
        verdict = verdict == RecordResult.Recorded ? MayKeep(answer, exchange.Policy, lifetime) : verdict;
        if (verdict == RecordResult.Recorded)
        {
            entry = Make(exchange, answer.WithoutList(), lifetime, UpstreamCacheControl.AgeSeconds(headers.Age));
        }

        return verdict;
    }

    /// <summary>An entry for one part of a request that is answered in parts.</summary>
    public CacheEntry MakePart(ExchangeFeature exchange, Fingerprint256 part, CanonicalAnswer answer)
        => Make(exchange, answer, FreshnessPolicy.For(exchange), ageSeconds: 0) with { Fingerprint = part };

    private static string? PlainText(IReadOnlyList<AnswerEvent> events)
    {
        string? text = null;
        for (int i = 0; i < events.Count; i++)
        {
            switch (events[i])
            {
                case AnswerEvent.TextDelta { Choice: 0 } delta when text is null:
                    text = delta.Text;
                    break;
                case AnswerEvent.Finish { Choice: 0 } or AnswerEvent.Usage or AnswerEvent.LogProbs:
                    break;
                default:
                    return null;
            }
        }

        return text;
    }

    private static RecordResult MayKeep(CanonicalAnswer answer, CachePolicy policy, Lifetime lifetime) => lifetime switch
    {
        { IsNothing: true } => RecordResult.NoLifetime,
        _ when !policy.Allows(answer) => RecordResult.ToolCalls,
        _ => RecordResult.Recorded,
    };

    private CacheEntry Make(ExchangeFeature exchange, CanonicalAnswer answer, Lifetime lifetime, int ageSeconds) => new()
    {
        Id = EntryId.New(exchange.AnsweredAt),
        Fingerprint = exchange.Fingerprint,
        Scope = exchange.Scope.Id,
        Namespace = SharedText.Of(exchange.Namespace),
        Tags = exchange.EntryTags,
        Model = SharedText.Of(exchange.Facts.Model),
        // It was made when a cache further up got it, not when that cache gave it.
        CreatedAt = exchange.AnsweredAt.AddSeconds(-ageSeconds),
        TtlSeconds = lifetime.TtlSeconds,
        HasAskedTtl = exchange.TtlSeconds is not null,
        StaleWhileRevalidateSeconds = lifetime.StaleWhileRevalidateSeconds,
        StaleIfErrorSeconds = lifetime.StaleIfErrorSeconds,
        KeepStaleSeconds = lifetime.KeepStaleSeconds,
        MissDurationSeconds = exchange.UpstreamSeconds,
        MachineSeconds = exchange.MachineSeconds,
        PrefixId = exchange.PrefixId,
        UserId = scopes.UserIdOf(exchange.Facts.User),
        Replaces = exchange.Replaces,
        Answer = answer,
    };
}
