using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Tests.Stores;

/// <summary>Equality of entries by all they hold; the records themselves compare their lists and bytes by reference.</summary>
internal static class EntryAssert
{
    public static void Same(CacheEntry expected, CacheEntry? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Tags, actual.Tags);
        Assert.Equal(expected.Answer.Events, actual.Answer.Events);
        Assert.Equal(expected.Answer.Body.Bytes.ToArray(), actual.Answer.Body.Bytes.ToArray());
        Assert.Equal(WithoutLists(expected), WithoutLists(actual));
    }

    private static CacheEntry WithoutLists(CacheEntry entry) => entry with
    {
        Tags = [],
        Answer = entry.Answer with
        {
            Events = Array.Empty<AnswerEvent>(),
            Body = entry.Answer.Body with { Bytes = default },
        },
    };
}
