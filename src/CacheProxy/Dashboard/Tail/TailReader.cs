using System.Threading.Channels;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Tail;

/// <summary>Who looks on: a queue of rows that match. A full one drops the newest and counts it, so that what is shown has no holes that nobody sees.</summary>
internal sealed class TailReader(Func<LedgerRow, bool> matches)
{
    // 1,000 rows of some 400 bytes.
    public const int Capacity = 1000;

    private readonly Channel<LedgerRow> _rows = Channel.CreateBounded<LedgerRow>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _dropped;

    public ChannelReader<LedgerRow> Rows => _rows.Reader;

    /// <summary>Rows that found the queue full, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Offer(in LedgerRow row)
    {
        if (matches(row) && !_rows.Writer.TryWrite(row))
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}
