using System.Collections.Concurrent;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// The accounts of scopes. Bounded: clients name models as they like, so beyond the capacity those leave that nothing was served on, then those
/// that were asked for longest ago. One that comes back begins with nothing to spend, so that forgetting one never passes a bound.
/// </summary>
/// <param name="capacity">Accounts kept; each takes about 200 bytes.</param>
internal sealed class AccountTable(int capacity)
{
    private readonly ConcurrentDictionary<(string Tenant, string Model), Slot> _slots = new();
    private readonly Lock _evicting = new();
    private long _turn;

    public int Count => _slots.Count;

    public ErrorAccount Of(in PolicyScope scope)
    {
        Slot slot = _slots.GetOrAdd((scope.Tenant, scope.Model), static _ => new Slot());
        Volatile.Write(ref slot.LastTurn, Interlocked.Increment(ref _turn));
        if (_slots.Count > capacity)
        {
            Evict();
        }

        return slot.Account;
    }

    // An eighth at once, so that sorting is paid for once in a while.
    private void Evict()
    {
        lock (_evicting)
        {
            if (_slots.Count <= capacity)
            {
                return;
            }

            var leaving = _slots
                .OrderBy(pair => pair.Value.Account.Served > 0)
                .ThenBy(pair => Volatile.Read(ref pair.Value.LastTurn))
                .Take(Math.Max(1, capacity / 8))
                .ToArray();
            foreach (KeyValuePair<(string Tenant, string Model), Slot> pair in leaving)
            {
                _slots.TryRemove(pair);
            }
        }
    }

    private sealed class Slot
    {
        public long LastTurn;

        public ErrorAccount Account { get; } = new();
    }
}
