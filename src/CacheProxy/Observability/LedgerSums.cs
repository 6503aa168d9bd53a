using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;

namespace CacheProxy.Observability;

/// <summary>Rows of one label set added up, in whole numbers. Any thread, no lock.</summary>
internal sealed class LedgerSums
{
    private const double NanodollarsPerUsd = 1e9;

    private long _nanodollars;
    private long _overhead;
    private long _microseconds;
    private long _input;
    private long _cached;
    private long _written;
    private long _output;

    /// <summary>Exact to the nanodollar up to 9 million dollars.</summary>
    public double Usd => Interlocked.Read(ref _nanodollars) / NanodollarsPerUsd;

    public double OverheadUsd => Interlocked.Read(ref _overhead) / NanodollarsPerUsd;

    public double Seconds => Interlocked.Read(ref _microseconds) / 1e6;

    /// <summary>Fresh input, read from a provider's cache, written to it, output.</summary>
    public IEnumerable<long> Tokens => [Interlocked.Read(ref _input), Interlocked.Read(ref _cached), Interlocked.Read(ref _written), Interlocked.Read(ref _output)];

    public void AddSpent(in LedgerRow row)
    {
        Add(ref _nanodollars, row.Paid?.Nanodollars ?? 0);
        Add(ref _overhead, row.Overhead.Nanodollars);
        Add(row.Usage);
    }

    public void AddSaved(in LedgerRow row)
    {
        Add(ref _nanodollars, row.Avoided?.Nanodollars ?? 0);
        Add(row.Saved);
        if (row.MissSeconds >= 0)
        {
            Add(ref _microseconds, (long)Math.Round((row.MissSeconds - row.TotalSeconds) * 1e6));
        }
    }

    private void Add(in TokenCounts usage)
    {
        long read = Math.Max(0, usage.CachedRead), written = Math.Max(0, usage.CacheWrite);
        Add(ref _input, usage.Prompt - read - written);
        Add(ref _cached, read);
        Add(ref _written, written);
        Add(ref _output, usage.Completion);
    }

    // Only grows: a counter that falls would count as a restart.
    private static void Add(ref long sum, long value)
    {
        if (value > 0)
        {
            Interlocked.Add(ref sum, value);
        }
    }
}
