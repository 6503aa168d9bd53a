using CacheProxy.Exchange.Answers;

namespace CacheProxy.Stores.Codec;

/// <summary>An answer's token counts in the layout of an entry: a hit is priced without reading the answer again.</summary>
internal static class TokenFields
{
    private const UsageExtras AllExtras = UsageExtras.HostedTools | UsageExtras.Audio | UsageExtras.Images | UsageExtras.Searches;

    public static void Write(ref PayloadWriter writer, TokenCounts tokens)
    {
        // Unknown is -1, which alone would take ten bytes.
        writer.Varint(tokens.Prompt + 1);
        writer.Varint(tokens.Completion + 1);
        writer.Varint(tokens.CachedRead + 1);
        writer.Varint(tokens.CacheWrite + 1);
        writer.Varint(tokens.CacheWriteHour + 1);
        writer.Varint(tokens.Reasoning + 1);
        WriteTail(ref writer, tokens.Extras, tokens.Tier, tokens.Searches);
    }

    /// <summary>The count of searches follows only where there is one.</summary>
    public static void WriteTail(ref PayloadWriter writer, UsageExtras extras, ServiceTier tier, int searches)
    {
        writer.Byte((byte)extras);
        writer.Byte((byte)tier);
        if ((extras & UsageExtras.Searches) != 0)
        {
            writer.Varint(searches);
        }
    }

    public static TokenCounts Read(ref PayloadReader reader)
    {
        var counts = new TokenCounts(reader.Varint() - 1, reader.Varint() - 1)
        {
            CachedRead = reader.Varint() - 1,
            CacheWrite = reader.Varint() - 1,
            CacheWriteHour = reader.Varint() - 1,
            Reasoning = reader.Varint() - 1,
            Extras = ReadExtras(ref reader),
            Tier = ReadTier(ref reader),
        };
        return (counts.Extras & UsageExtras.Searches) == 0 ? counts : counts with { Searches = reader.Int32() };
    }

    public static UsageExtras ReadExtras(ref PayloadReader reader)
    {
        var extras = (UsageExtras)reader.Byte();
        if ((extras & ~AllExtras) != 0)
        {
            reader.Fail();
        }

        return extras;
    }

    public static ServiceTier ReadTier(ref PayloadReader reader)
    {
        var tier = (ServiceTier)reader.Byte();
        if (tier > ServiceTier.Other)
        {
            reader.Fail();
        }

        return tier;
    }
}
