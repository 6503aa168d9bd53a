using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Stores.Resilience;

/// <summary>
/// A store that is never in the way: a look-up that fails or takes too long is a miss, a write that fails is dropped and
/// counted. Only a removal says so when it failed, because a deletion that did not happen must not look like one that did.
/// </summary>
public sealed class GuardedEntryStore(IEntryStore inner, ResilientCall call) : IEntryStore
{
    // 256 vectors of 1,536 numbers are 1.6 MB: read from a disk's cache and checked in well under a budget.
    private const int PieceSize = 256;

    public string Name => inner.Name;

    /// <summary>Health and counts of the store behind.</summary>
    public ResilientCall Call => call;

    public bool LacksForSure(Fingerprint256 fingerprint) => inner.LacksForSure(fingerprint);

    public bool TrySetAtOnce(CacheEntry entry) => inner.TrySetAtOnce(entry);

    // No budget and no breaker for what answers out of this process' memory: they cost more than the rest of a look-up.
    public ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => inner.LacksForSure(fingerprint) ? default : AskAsync(fingerprint, cancellationToken);

    private async ValueTask<CacheEntry?> AskAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        CallResult<CacheEntry?> result = await call.TryAsync(
            (inner, fingerprint), static (work, token) => work.inner.GetAsync(work.fingerprint, token), cancellationToken);
        return result.Value;
    }

    /// <summary>
    /// In pieces, each within the budget of one look-up: a store that hangs costs one budget, one that works gives all it has. After a piece
    /// that failed the rest counts as absent.
    /// </summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries, CancellationToken cancellationToken)
    {
        for (int start = 0; start < fingerprints.Length; start += PieceSize)
        {
            int count = Math.Min(PieceSize, fingerprints.Length - start);
            // The store may go on writing after its budget: into an array of its own, which nobody reads any more.
            CacheEntry?[] piece = new CacheEntry?[count];
            CallResult<bool> result = await call.TryAsync(
                (inner, fingerprints: fingerprints.Slice(start, count), piece),
                static async (work, token) =>
                {
                    await work.inner.GetManyAsync(work.fingerprints, work.piece, token);
                    return true;
                },
                cancellationToken);
            for (int i = 0; i < count; i++)
            {
                entries.Span[start + i] = Volatile.Read(ref piece[i]) ?? entries.Span[start + i];
            }

            if (!result.Succeeded)
            {
                return;
            }
        }
    }

    public async ValueTask SetManyAsync(ReadOnlyMemory<CacheEntry> entries, CancellationToken cancellationToken)
    {
        for (int start = 0; start < entries.Length; start += PieceSize)
        {
            ReadOnlyMemory<CacheEntry> piece = entries[start..Math.Min(entries.Length, start + PieceSize)];
            CallResult<bool> result = await call.TryPatientlyAsync(
                (inner, piece),
                static async (work, token) =>
                {
                    await work.inner.SetManyAsync(work.piece, token);
                    return true;
                },
                cancellationToken);
            if (!result.Succeeded)
            {
                return;
            }
        }
    }

    public ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
        => inner.TrySetAtOnce(entry) ? ValueTask.CompletedTask : WriteAsync(entry, cancellationToken);

    private async ValueTask WriteAsync(CacheEntry entry, CancellationToken cancellationToken)
        => await call.TryPatientlyAsync(
            (inner, entry),
            static async (work, token) =>
            {
                await work.inner.SetAsync(work.entry, token);
                return true;
            },
            cancellationToken);

    // An operator asks for these, with time to wait: no budget, and no breaker that their length would open.
    public ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken) => inner.CountAsync(selector, cancellationToken);

    public ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
        => inner.RemoveAsync(selector, removed, cancellationToken);

    public IAsyncEnumerable<CacheEntry> ReadAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken)
        => inner.ReadAsync(selector, after, cancellationToken);

    public ValueTask<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
        => inner.RetagAsync(entry, tags, cancellationToken);

    /// <exception cref="StoreUnavailableException">The store failed, took too long, or was not asked.</exception>
    public async ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        CallResult<bool> result = await call.TryPatientlyAsync(
            (inner, fingerprint), static (work, token) => work.inner.RemoveAsync(work.fingerprint, token), cancellationToken);
        return result.Succeeded ? result.Value : throw new StoreUnavailableException(Name, result.Error);
    }
}
