using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Files;

/// <summary>
/// Totals as bytes: a bit for each sum that is not zero, those sums, then each outcome with its count and two sketches, in which a run of empty buckets is a 0 and its length less one. About 80 bytes where
/// one outcome is in it. Reading adds to totals that are there: that is how they are merged.
/// </summary>
internal static class TotalsCodec
{
    private static readonly int Outcomes = Enum.GetValues<CacheOutcome>().Length;

    public static void Write(LedgerTotals totals, PackedWriter writer)
    {
        Span<long> sums = totals.Sums;
        ulong present = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            present |= sums[i] != 0 ? 1UL << i : 0;
        }

        writer.AddUnsigned(present);
        foreach (long sum in sums)
        {
            if (sum != 0)
            {
                writer.Add(sum);
            }
        }

        for (int i = 0; i < Outcomes; i++)
        {
            if (totals.Of((CacheOutcome)i) is { } outcome)
            {
                writer.AddUnsigned((ulong)i);
                writer.Add(outcome.Requests);
                Write(outcome.FirstByte, writer);
                Write(outcome.Total, writer);
            }
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no totals.</exception>
    public static void AddTo(LedgerTotals totals, ReadOnlySpan<byte> bytes)
    {
        var reader = new PackedReader(bytes);
        ulong present = reader.ReadUnsigned();
        if (present >> LedgerTotals.Fields != 0)
        {
            throw new InvalidDataException("The ledger's file has sums that are not known here.");
        }

        for (int i = 0; present != 0; i++, present >>= 1)
        {
            if ((present & 1) != 0)
            {
                totals.Add(i, reader.Read());
            }
        }

        while (!reader.IsAtEnd)
        {
            ulong kind = reader.ReadUnsigned();
            if (kind >= (ulong)Outcomes)
            {
                throw new InvalidDataException("The ledger's file has an outcome that is not known here.");
            }

            OutcomeTotals outcome = totals.Ensure((CacheOutcome)kind);
            outcome.Requests += reader.Read();
            AddTo(outcome.FirstByte, ref reader);
            AddTo(outcome.Total, ref reader);
        }
    }

    private static void Write(LatencySketch sketch, PackedWriter writer)
    {
        ReadOnlySpan<long> counts = sketch.Counts;
        writer.AddUnsigned((ulong)counts.Length);
        if (counts.Length == 0)
        {
            return;
        }

        writer.AddUnsigned((ulong)sketch.First);
        for (int i = 0; i < counts.Length; i++)
        {
            writer.AddUnsigned((ulong)counts[i]);
            if (counts[i] == 0)
            {
                // The times of a few requests are far apart: how many more are 0.
                int more = counts[(i + 1)..].IndexOfAnyExcept(0L);
                writer.AddUnsigned((ulong)more);
                i += more;
            }
        }
    }

    private static void AddTo(LatencySketch sketch, ref PackedReader reader)
    {
        ulong length = reader.ReadUnsigned();
        if (length == 0)
        {
            return;
        }

        ulong first = reader.ReadUnsigned();
        if (length > LatencySketch.Buckets || first > LatencySketch.Buckets - length)
        {
            throw new InvalidDataException("The ledger's file has times that are not known here.");
        }

        Span<long> buckets = sketch.BucketsFrom((int)first, (int)length);
        long all = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            long count = (long)reader.ReadUnsigned();
            buckets[i] += count;
            all += count;
            i += count == 0 ? (int)Math.Min(reader.ReadUnsigned(), LatencySketch.Buckets) : 0;
        }

        sketch.Counted(all);
    }
}
