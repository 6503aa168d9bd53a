using CacheProxy.Exchange;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Exchange;

public class EntrySelectorTests
{
    private static readonly CacheEntry Entry = SampleEntries.Plain(1) with { Tags = ["a", "b"], UserId = "u", PrefixId = "p" };

    public static TheoryData<EntrySelector, bool> Cases => new()
    {
        { EntrySelector.Everything, true },
        { new() { Id = Entry.Id }, true },
        { new() { Id = "other" }, false },
        { new() { Tag = "b" }, true },
        { new() { Tag = "c" }, false },
        { new() { Namespace = "default" }, true },
        { new() { Namespace = "" }, false },
        { new() { Model = Entry.Model }, true },
        { new() { Model = "other" }, false },
        { new() { Scope = "scope" }, true },
        { new() { Scope = "other" }, false },
        { new() { UserId = "u" }, true },
        { new() { UserId = "other" }, false },
        { new() { PrefixId = "p" }, true },
        { new() { PrefixId = "other" }, false },
        { new() { Fingerprint = SampleEntries.Fingerprint(1) }, true },
        { new() { Fingerprint = SampleEntries.Fingerprint(2) }, false },
        { new() { CreatedFrom = Entry.CreatedAt }, true },
        { new() { CreatedFrom = Entry.CreatedAt.AddTicks(1) }, false },
        { new() { CreatedBefore = Entry.CreatedAt.AddTicks(1) }, true },
        { new() { CreatedBefore = Entry.CreatedAt }, false },
        { new() { Tag = "a", Model = Entry.Model, Scope = "scope" }, true },
        { new() { Tag = "a", Model = "other", Scope = "scope" }, false },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Entry_MatchesWhatIsGiven(EntrySelector selector, bool expected) => Assert.Equal(expected, selector.Matches(Entry));
}
