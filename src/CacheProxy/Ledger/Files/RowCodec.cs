using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Files;

/// <summary>
/// What a row holds beside its time, cell and user, as bytes: a bit for each field that is not what most rows have, then those fields. An exact hit
/// takes about 55 bytes, where columns would take twice that. Fields are only ever added at the end.
/// </summary>
internal static class RowCodec
{
    private const int Version = 1;

    [Flags]
    private enum Has
    {
        Requests = 1,
        Reason = 1 << 1,
        Usage = 1 << 2,
        Saved = 1 << 3,
        Price = 1 << 4,
        Paid = 1 << 5,
        UnknownPaid = 1 << 6,
        Avoided = 1 << 7,
        UnknownAvoided = 1 << 8,
        Overhead = 1 << 9,
        FirstByte = 1 << 10,
        Miss = 1 << 11,
        Entry = 1 << 12,
        Prefix = 1 << 13,
        Predicted = 1 << 14,
        Similarity = 1 << 15,
        Near = 1 << 16,
    }

    /// <param name="price">Number of the row's price in the file.</param>
    public static void Write(in LedgerRow row, int price, PackedWriter writer)
    {
        Has has = FieldsOf(row);
        writer.AddUnsigned(Version);
        writer.AddUnsigned((ulong)has);
        writer.Add(row.Status);
        writer.Add(LedgerRow.ToMicroseconds(row.TotalSeconds));
        writer.Add(row.RequestBytes);
        writer.Add(row.AnswerBytes);
        AddIf(has, Has.Requests, row.Requests, writer);
        AddIf(has, Has.Reason, (long)row.Reason, writer);
        AddIf(has, Has.Usage, row.Usage, writer);
        AddIf(has, Has.Saved, row.Saved, writer);
        AddIf(has, Has.Price, price, writer);
        AddIf(has, Has.Paid, row.Paid?.Nanodollars ?? 0, writer);
        AddIf(has, Has.Avoided, row.Avoided?.Nanodollars ?? 0, writer);
        AddIf(has, Has.Overhead, row.Overhead.Nanodollars, writer);
        AddIf(has, Has.FirstByte, LedgerRow.ToMicroseconds(row.FirstByteSeconds), writer);
        AddIf(has, Has.Miss, LedgerRow.ToMicroseconds(row.MissSeconds), writer);
        AddIf(has, Has.Entry, row.EntryId, writer);
        AddIf(has, Has.Prefix, row.PrefixId, writer);
        AddIf(has, Has.Predicted, row.PredictedCachedTokens, writer);
        if ((has & Has.Similarity) != 0)
        {
            writer.Add(row.Similarity);
        }

        AddIf(has, Has.Near, row.NearEntryId, writer);
    }

    /// <param name="prices">By their number in the file.</param>
    /// <exception cref="InvalidDataException">The bytes are no row, or a newer version's.</exception>
    public static LedgerRow Read(ReadOnlySpan<byte> bytes, DateTimeOffset time, in CellKey cell, string? user, PriceNumbers prices)
    {
        var reader = new PackedReader(bytes);
        if (reader.ReadUnsigned() != Version)
        {
            throw new InvalidDataException("The ledger's file has rows that are not known here.");
        }

        var has = (Has)reader.ReadUnsigned();
        return new LedgerRow
        {
            Time = time,
            Tenant = cell.Tenant,
            User = user,
            Model = cell.Model,
            Upstream = cell.Upstream.Length > 0 ? cell.Upstream : null,
            Route = cell.Route.Length > 0 ? cell.Route : null,
            Namespace = cell.Namespace,
            Dialect = cell.Dialect,
            Outcome = cell.Outcome,
            Work = cell.Work,
            // In the order of writing: initializers run from top to bottom.
            Status = (int)reader.Read(),
            TotalSeconds = reader.Read() / 1e6,
            RequestBytes = reader.Read(),
            AnswerBytes = reader.Read(),
            Requests = (has & Has.Requests) != 0 ? (int)reader.Read() : 1,
            Reason = (has & Has.Reason) != 0 ? (BypassReason)reader.Read() : BypassReason.None,
            Usage = (has & Has.Usage) != 0 ? ReadCounts(ref reader) : default,
            Saved = (has & Has.Saved) != 0 ? ReadCounts(ref reader) : default,
            Price = (has & Has.Price) != 0 ? prices.Of((int)reader.Read()) : null,
            Paid = (has & Has.UnknownPaid) != 0 ? null : new Money((has & Has.Paid) != 0 ? reader.Read() : 0),
            Avoided = (has & Has.UnknownAvoided) != 0 ? null : new Money((has & Has.Avoided) != 0 ? reader.Read() : 0),
            Overhead = new Money((has & Has.Overhead) != 0 ? reader.Read() : 0),
            FirstByteSeconds = (has & Has.FirstByte) != 0 ? reader.Read() / 1e6 : -1,
            MissSeconds = (has & Has.Miss) != 0 ? reader.Read() / 1e6 : -1,
            EntryId = (has & Has.Entry) != 0 ? reader.ReadText() : null,
            PrefixId = (has & Has.Prefix) != 0 ? reader.ReadText() : null,
            PredictedCachedTokens = (has & Has.Predicted) != 0 ? reader.Read() : -1,
            Similarity = (has & Has.Similarity) != 0 ? reader.ReadSingle() : 0,
            NearEntryId = (has & Has.Near) != 0 ? reader.ReadText() : null,
        };
    }

    private static Has FieldsOf(in LedgerRow row)
        => If(Has.Requests, row.Requests != 1)
            | If(Has.Reason, row.Reason != BypassReason.None)
            | If(Has.Usage, row.Usage != default)
            | If(Has.Saved, row.Saved != default)
            | If(Has.Price, row.Price is not null)
            | If(Has.Paid, row.Paid is { Nanodollars: not 0 })
            | If(Has.UnknownPaid, row.Paid is null)
            | If(Has.Avoided, row.Avoided is { Nanodollars: not 0 })
            | If(Has.UnknownAvoided, row.Avoided is null)
            | If(Has.Overhead, row.Overhead != Money.Zero)
            | If(Has.FirstByte, row.FirstByteSeconds >= 0)
            | If(Has.Miss, row.MissSeconds >= 0)
            | If(Has.Entry, row.EntryId is not null)
            | If(Has.Prefix, row.PrefixId is not null)
            | If(Has.Predicted, row.PredictedCachedTokens >= 0)
            | If(Has.Similarity, row.Similarity != 0)
            | If(Has.Near, row.NearEntryId is not null);

    private static Has If(Has field, bool isThere) => isThere ? field : 0;

    private static void AddIf(Has has, Has field, long value, PackedWriter writer)
    {
        if ((has & field) != 0)
        {
            writer.Add(value);
        }
    }

    private static void AddIf(Has has, Has field, string? value, PackedWriter writer)
    {
        if ((has & field) != 0)
        {
            writer.Add(value!);
        }
    }

    private static void AddIf(Has has, Has field, in TokenCounts counts, PackedWriter writer)
    {
        if ((has & field) == 0)
        {
            return;
        }

        writer.Add(counts.Prompt);
        writer.Add(counts.Completion);
        writer.Add(counts.CachedRead);
        writer.Add(counts.CacheWrite);
        writer.Add(counts.CacheWriteHour);
        writer.Add(counts.Reasoning);
        writer.AddUnsigned((ulong)counts.Extras);
        writer.AddUnsigned((ulong)counts.Tier);
        if ((counts.Extras & UsageExtras.Searches) != 0)
        {
            writer.Add(counts.Searches);
        }
    }

    private static TokenCounts ReadCounts(ref PackedReader reader)
    {
        var counts = new TokenCounts(reader.Read(), reader.Read())
        {
            CachedRead = reader.Read(),
            CacheWrite = reader.Read(),
            CacheWriteHour = reader.Read(),
            Reasoning = reader.Read(),
            Extras = (UsageExtras)reader.ReadUnsigned(),
            Tier = (ServiceTier)reader.ReadUnsigned(),
        };
        return (counts.Extras & UsageExtras.Searches) == 0 ? counts : counts with { Searches = (int)reader.Read() };
    }
}
