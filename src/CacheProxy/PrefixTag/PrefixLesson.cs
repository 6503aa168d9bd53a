using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Prompts;

namespace CacheProxy.PrefixTag;

/// <summary>
/// What one answer teaches. The tokens of the whole prompt are told; those of a boundary inside it are its share of the bytes between the two nearest boundaries whose
/// tokens were told. The estimate that rests on the fewest bytes is kept: the boundary before a short question is known nearly to the token.
/// </summary>
internal readonly struct PrefixLesson(PrefixCacheRule rule, long frequency)
{
    public required TokenCounts Usage { get; init; }

    /// <summary>When the request was sent.</summary>
    public required long SentTimestamp { get; init; }

    public required PrefixExpectation Expected { get; init; }

    /// <summary>False: images and the like are few bytes and many tokens.</summary>
    public required bool IsTextAlone { get; init; }

    /// <summary>Of what is remembered.</summary>
    public required int Limit { get; init; }

    /// <param name="answered">The boundary behind the answer; null: none, or its text is not known.</param>
    public void Teach(KnownBeginnings known, PromptOutline outline, UInt128? answered)
    {
        NoteLoss(known);
        PromptBoundary[] boundaries = outline.Boundaries;
        int lastMark = LastMark(boundaries);
        // Anthropic says how far its marks reached, and that they reached nothing where the prompt was too short.
        long marked = Usage.CachedRead >= 0 && Usage.CacheWrite >= 0 ? Usage.CachedRead + Usage.CacheWrite : -1;
        bool hasKept = rule.Writes != CacheWrites.AtMarks || marked != 0;
        (int Bytes, long Tokens) told = (0, 0);
        TeachTemplate(known, outline);
        for (int i = 0; i < boundaries.Length; i++)
        {
            PromptBoundary boundary = boundaries[i];
            if (boundary.Bytes == 0)
            {
                continue;
            }

            bool isEnd = i == boundaries.Length - 1;
            bool isTold = isEnd || (i == lastMark && rule.Writes == CacheWrites.AtMarks && marked > 0);
            bool isKnown = known.TryFind(boundary.Id, out KnownBeginning before);
            if (!isKnown && !isTold && !IsTextAlone)
            {
                continue;
            }

            KnownBeginning now = isTold
                ? new KnownBeginning { Tokens = (int)(isEnd ? Usage.Prompt : marked), SlackBytes = 0, LastUsed = SentTimestamp, KeptUntil = 0 }
                : Estimate(boundary.Bytes, told, outline.End.Bytes);
            // What was told once is the same each time; of two estimates the one from fewer bytes is better.
            if (isKnown && before.SlackBytes <= now.SlackBytes)
            {
                now = now with { Tokens = before.Tokens, SlackBytes = before.SlackBytes };
            }

            // Of two requests at once the one that was sent later may be over first.
            now = now with { LastUsed = Math.Max(before.LastUsed, now.LastUsed) };
            known.Set(boundary.Id, now with { KeptUntil = KeptUntil(boundary, isEnd, i == 0, hasKept, isKnown ? before.KeptUntil : 0) }, Limit);
            told = now.SlackBytes == 0 ? (boundary.Bytes, now.Tokens) : told;
        }

        if (answered is { } id && Usage is { Completion: > 0, Reasoning: <= 0 })
        {
            // The last token was sampled and never computed with.
            known.Set(id, new KnownBeginning { Tokens = (int)(Usage.Prompt + Usage.Completion - 1), SlackBytes = 0, LastUsed = SentTimestamp, KeptUntil = 0 }, Limit);
        }
    }

    private void TeachTemplate(KnownBeginnings known, PromptOutline outline)
    {
        if (!rule.TryGetTemplate(outline, out UInt128 id))
        {
            return;
        }

        bool isKnown = known.TryFind(id, out KnownBeginning before);
        KnownBeginning now = isKnown ? before : new KnownBeginning { Tokens = int.MaxValue, SlackBytes = KnownBeginning.Unmeasured, LastUsed = 0, KeptUntil = 0 };
        // The first request finds nothing, and one that has more in common says nothing of this.
        if (isKnown && Expected.LastUsed == 0 && Usage.CachedRead > 0)
        {
            now = now with { Tokens = (int)Math.Min(before.Tokens, Usage.CachedRead), SlackBytes = 1 };
        }

        known.Set(id, now with { LastUsed = Math.Max(before.LastUsed, SentTimestamp) }, Limit);
    }

    // Others needed the room: whatever was used longer ago than what is gone is gone too.
    private void NoteLoss(KnownBeginnings known)
    {
        if (rule.IsBoundByRoom && Expected is { Tokens: > 0, LastUsed: > 0 } && Usage.CachedRead >= 0 && Usage.CachedRead < Expected.Tokens / 2)
        {
            known.GoneUntil = Math.Max(known.GoneUntil, Expected.LastUsed);
        }
    }

    private int LastMark(PromptBoundary[] boundaries)
    {
        int last = Array.FindLastIndex(boundaries, boundary => boundary.Mark != PromptMark.None);
        return last < 0 && Expected.MarksHead ? 0 : last;
    }

    private KnownBeginning Estimate(int bytes, (int Bytes, long Tokens) told, int all)
    {
        double share = all > told.Bytes ? (double)(bytes - told.Bytes) / (all - told.Bytes) : 0;
        long tokens = told.Tokens + (long)Math.Round(share * Math.Max(0, Usage.Prompt - told.Tokens));
        return new KnownBeginning
        {
            Tokens = (int)Math.Min(tokens, Usage.Prompt),
            SlackBytes = Math.Max(1, Math.Min(bytes - told.Bytes, all - bytes)),
            LastUsed = SentTimestamp,
            KeptUntil = 0,
        };
    }

    private long KeptUntil(PromptBoundary boundary, bool isEnd, bool isHead, bool hasKept, long before)
    {
        PromptMark mark = boundary.Mark == PromptMark.None && isHead && Expected.MarksHead ? PromptMark.Default : boundary.Mark;
        if (hasKept && rule.Keeps(mark, isEnd))
        {
            return Math.Max(before, SentTimestamp + Ticks(rule.MemoryOf(mark)));
        }

        // Read on the way to a longer one: its time begins anew.
        return before > SentTimestamp && Usage.CachedRead > 0 ? Math.Max(before, SentTimestamp + Ticks(rule.Memory)) : before;
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * frequency);
}
