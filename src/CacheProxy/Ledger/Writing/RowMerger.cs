using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Writing;

/// <summary>Adds rows up into one that stands for them.</summary>
internal static class RowMerger
{
    public static LedgerRow Merge(in LedgerRow one, in LedgerRow other) => one with
    {
        Time = one.Time > other.Time ? one.Time : other.Time,
        Requests = one.Requests + other.Requests,
        User = one.User == other.User ? one.User : null,
        EntryId = one.EntryId == other.EntryId ? one.EntryId : null,
        PrefixId = one.PrefixId == other.PrefixId ? one.PrefixId : null,
        NearEntryId = null,
        Usage = Add(one.Usage, other.Usage),
        Saved = Add(one.Saved, other.Saved),
        Paid = one.Paid + other.Paid,
        Avoided = one.Avoided + other.Avoided,
        Overhead = one.Overhead + other.Overhead,
        FirstByteSeconds = Add(one.FirstByteSeconds, other.FirstByteSeconds),
        TotalSeconds = one.TotalSeconds + other.TotalSeconds,
        MissSeconds = Add(one.MissSeconds, other.MissSeconds),
        RequestBytes = one.RequestBytes + other.RequestBytes,
        AnswerBytes = one.AnswerBytes + other.AnswerBytes,
        PredictedCachedTokens = Add(one.PredictedCachedTokens, other.PredictedCachedTokens),
        Similarity = ((one.Similarity * one.Requests) + (other.Similarity * other.Requests)) / (one.Requests + other.Requests),
    };

    /// <summary>The sum of so many rows that are equal.</summary>
    public static LedgerRow Times(in LedgerRow row, int times) => row with
    {
        Requests = row.Requests * times,
        Usage = Times(row.Usage, times),
        Saved = Times(row.Saved, times),
        Paid = Times(row.Paid, times),
        Avoided = Times(row.Avoided, times),
        Overhead = new Money(Times(row.Overhead.Nanodollars, times)),
        FirstByteSeconds = row.FirstByteSeconds < 0 ? -1 : row.FirstByteSeconds * times,
        TotalSeconds = row.TotalSeconds * times,
        // As the sum of what each is rounded to.
        MissSeconds = row.MissSeconds < 0 ? -1 : Times(LedgerRow.ToMicroseconds(row.MissSeconds), times) / 1e6,
        RequestBytes = row.RequestBytes * times,
        AnswerBytes = row.AnswerBytes * times,
        PredictedCachedTokens = Times(row.PredictedCachedTokens, times),
    };

    private static TokenCounts Times(in TokenCounts counts, int times) => counts with
    {
        Prompt = Times(counts.Prompt, times),
        Completion = Times(counts.Completion, times),
        CachedRead = Times(counts.CachedRead, times),
        CacheWrite = Times(counts.CacheWrite, times),
        CacheWriteHour = Times(counts.CacheWriteHour, times),
        Reasoning = Times(counts.Reasoning, times),
    };

    private static Money? Times(Money? money, int times) => money is { } known ? new Money(Times(known.Nanodollars, times)) : null;

    // Unknown stays unknown; what is beyond the scale stays at its end.
    private static long Times(long value, int times) => value < 0 ? value : (long)Int128.Min((Int128)value * times, long.MaxValue);

    private static TokenCounts Add(in TokenCounts one, in TokenCounts other) => new(Add(one.Prompt, other.Prompt), Add(one.Completion, other.Completion))
    {
        CachedRead = Add(one.CachedRead, other.CachedRead),
        CacheWrite = Add(one.CacheWrite, other.CacheWrite),
        CacheWriteHour = Add(one.CacheWriteHour, other.CacheWriteHour),
        Reasoning = Add(one.Reasoning, other.Reasoning),
        Extras = one.Extras | other.Extras,
        Tier = one.Tier,
        Searches = (int)Math.Min(int.MaxValue, (long)one.Searches + other.Searches),
    };

    // What one does not know adds nothing to what the other does.
    private static long Add(long one, long other) => one < 0 ? other : other < 0 ? one : (new Money(one) + new Money(other)).Nanodollars;

    private static double Add(double one, double other) => one < 0 ? other : other < 0 ? one : one + other;
}
