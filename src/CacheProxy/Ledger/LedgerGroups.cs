using System.Collections.ObjectModel;

namespace CacheProxy.Ledger;

/// <summary>Groups whose sums are kept by the day, and the range that they count: whole days at the ends where rows are too many to read one by one.</summary>
/// <param name="from">Where counting begins, UTC.</param>
/// <param name="to">The first instant that does not count.</param>
public sealed class LedgerGroups(IList<LedgerGroup> groups, DateTimeOffset from, DateTimeOffset to) : ReadOnlyCollection<LedgerGroup>(groups)
{
    public DateTimeOffset From => from;

    public DateTimeOffset To => to;
}
