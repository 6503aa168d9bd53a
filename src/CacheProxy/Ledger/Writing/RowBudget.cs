using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Writing;

/// <summary>How many rows are still kept one by one in this second. Not thread-safe.</summary>
internal sealed class RowBudget(int rowsPerSecond, TimeProvider time)
{
    // A hit says little; the last quarter is for what was paid, refused or compared.
    private const double ReservedShare = 0.25;

    private double _left = rowsPerSecond;
    private double _reserved = rowsPerSecond * ReservedShare;
    private long _refilledAt = time.GetTimestamp();

    public void Refill(int rate)
    {
        long now = time.GetTimestamp();
        _left = Math.Min(rate, _left + (rate * time.GetElapsedTime(_refilledAt, now).TotalSeconds));
        (_reserved, _refilledAt) = (rate * ReservedShare, now);
    }

    /// <summary>False: it is spent, and the row is merged with others.</summary>
    public bool TrySpend(in LedgerRow row)
    {
        bool isPlain = row is { Outcome: CacheOutcome.Exact, Status: 200 };
        if (_left < (isPlain ? 1 + _reserved : 1))
        {
            return false;
        }

        _left--;
        return true;
    }
}
