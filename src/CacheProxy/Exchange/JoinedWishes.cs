namespace CacheProxy.Exchange;

/// <summary>What those who read an answer along want of its entry beside the one who asked first: a purge by their tags must find it, and it stays no longer than they allow. Immutable.</summary>
/// <param name="Tags">Of all who joined.</param>
/// <param name="TtlSeconds">The shortest that any of them would have given it.</param>
public sealed record JoinedWishes(IReadOnlyList<string> Tags, int TtlSeconds)
{
    private static readonly JoinedWishes Nothing = new([], int.MaxValue);

    /// <param name="before">Null: nobody has joined yet, or with nothing to say.</param>
    /// <param name="leader">Who asked first.</param>
    public static JoinedWishes? With(JoinedWishes? before, ExchangeFeature joined, ExchangeFeature leader)
    {
        if (!joined.Flags.AllowStore)
        {
            return before;
        }

        int ttl = joined.Policy.TtlOf(joined.TtlSeconds);
        bool isShorter = ttl < (before?.TtlSeconds ?? leader.Policy.TtlOf(leader.TtlSeconds));
        bool hasTags = joined.Tags.Any(tag => !leader.Tags.Contains(tag) && before?.Tags.Contains(tag) != true);
        if (!isShorter && !hasTags)
        {
            return before;
        }

        before ??= Nothing;
        return new JoinedWishes(hasTags ? [.. before.Tags.Union(joined.Tags)] : before.Tags, Math.Min(before.TtlSeconds, ttl));
    }
}
