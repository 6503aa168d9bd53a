using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Exchange.Routes;
using Microsoft.Extensions.Options;

namespace CacheProxy.PrefixTag;

/// <summary>
/// Tells before a request is sent how many of its prompt's tokens the upstream's prefix cache will have: those of the longest beginning that an earlier request had in
/// common with it and that the upstream, by its kind's <see cref="PrefixCacheRule"/>, still keeps. Each upstream is remembered by itself, in memory alone.
/// </summary>
/// <remarks>
/// A provider's cache lives for minutes, so nothing of this outlives the process. What has not been seen since the start may be kept all the same: until the upstream's
/// memory has passed once, such a prompt is unknown (-1) and not expected to find nothing (0). Other clients of the upstream, other proxies among them, are not seen.
/// </remarks>
public sealed class PrefixForecast(PrefixChain chain, IOptionsMonitor<PrefixOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Name, string Url), KnownBeginnings> _upstreams = new();
    private readonly long _started = clock.GetTimestamp();

    /// <summary>What to expect of a request that is about to be sent. Any thread; about a microsecond.</summary>
    /// <param name="model">By the upstream's own name.</param>
    /// <param name="marksHead">The instructions will be marked on the way.</param>
    public PrefixExpectation Expect(ExchangeFeature exchange, UpstreamTarget target, string model, bool marksHead)
    {
        if (exchange.Outline is not { } outline || options.CurrentValue.RememberedTurns == 0
            || PrefixCacheRule.Of(target.Kind, target.IsCacheProxyAware, model, outline.Retention) is not { } rule)
        {
            return PrefixExpectation.None;
        }

        KnownBeginnings known = Of(target);
        lock (known)
        {
            return Expect(known, rule, outline, exchange.Facts.HasNonTextContent, marksHead && !outline.HasMark) with { Model = model, MarksHead = marksHead && !outline.HasMark };
        }
    }

    /// <summary>Learns from an answer what the upstream has of its prompt now. Nothing from one that failed or does not say its prompt's tokens, nor where nobody was asked.</summary>
    /// <param name="status">Of the answer.</param>
    public void Learn(ExchangeFeature exchange, int status)
    {
        int limit = options.CurrentValue.RememberedTurns;
        if (exchange is not { Outline: { } outline, Served: { } target, UpstreamError: null } || exchange.Usage.Prompt <= 0 || status is < 200 or >= 300 || limit == 0
            || PrefixCacheRule.Of(target.Kind, target.IsCacheProxyAware, exchange.Expectation.Model, outline.Retention) is not { } rule)
        {
            return;
        }

        var lesson = new PrefixLesson(rule, clock.TimestampFrequency)
        {
            Usage = exchange.Usage,
            SentTimestamp = clock.GetTimestamp() - (long)(exchange.UpstreamSeconds * clock.TimestampFrequency),
            Expected = exchange.Expectation,
            IsTextAlone = !exchange.Facts.HasNonTextContent,
            Limit = limit,
        };
        UInt128? answered = rule.KeepsAnswers && exchange.PlainAnswer is { } answer ? chain.Extend(outline.End.Id, answer) : null;
        KnownBeginnings known = Of(target);
        lock (known)
        {
            lesson.Teach(known, outline, answered);
        }
    }

    private KnownBeginnings Of(UpstreamTarget target) => _upstreams.GetOrAdd((target.Name, target.BaseUrl), static _ => new KnownBeginnings());

    private PrefixExpectation Expect(KnownBeginnings known, PrefixCacheRule rule, PromptOutline outline, bool hasMoreThanText, bool marksHead)
    {
        PromptBoundary[] boundaries = outline.Boundaries;
        long now = clock.GetTimestamp();
        for (int i = boundaries.Length - 1; i >= 0; i--)
        {
            if (rule.Writes == CacheWrites.AtMarks && !(marksHead && i == 0) && !HasMarkBehind(boundaries, i, rule.Lookback))
            {
                continue;
            }

            // In an empty head there is at most what a template has put there.
            if (boundaries[i].Bytes > 0 && known.TryFind(boundaries[i].Id, out KnownBeginning beginning) && IsKept(known, rule, beginning, now))
            {
                return IsSettled(rule, now) || i >= boundaries.Length - 3
                    ? new PrefixExpectation(rule.Delivered(beginning.Tokens)) { LastUsed = beginning.LastUsed }
                    : PrefixExpectation.None;
            }
        }

        if ((boundaries.Length <= 3 || IsSettled(rule, now)) && rule.TryGetTemplate(outline, out UInt128 template) && known.TryFind(template, out KnownBeginning inside)
            && inside.SlackBytes != KnownBeginning.Unmeasured && IsKept(known, rule, inside, now))
        {
            return new PrefixExpectation(rule.Delivered(inside.Tokens));
        }

        bool asksNothing = rule.Writes == CacheWrites.AtMarks && !outline.HasMark && !marksHead;
        bool isTooShort = !hasMoreThanText && outline.End.Bytes < rule.MinimumTokens;
        bool isNew = IsSettled(rule, now) && !(rule.Writes == CacheWrites.AtMarks && outline.HasInnerMark);
        return asksNothing || isTooShort || isNew ? new PrefixExpectation(0) : PrefixExpectation.None;
    }

    private static bool HasMarkBehind(PromptBoundary[] boundaries, int index, int lookback)
    {
        for (int i = index; i < boundaries.Length && i <= index + lookback; i++)
        {
            if (boundaries[i].Mark != PromptMark.None)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsKept(KnownBeginnings known, PrefixCacheRule rule, in KnownBeginning beginning, long now)
        => rule.IsBoundByRoom ? beginning.LastUsed > known.GoneUntil : beginning.KeptUntil > now;

    private bool IsSettled(PrefixCacheRule rule, long now) => clock.GetElapsedTime(_started, now) >= rule.Memory;
}
