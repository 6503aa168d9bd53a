using System.Text.Json;

namespace CacheProxy.Exchange.Readers;

/// <summary>Reads the counts of one usage object and remembers whether any of them could not be one.</summary>
internal struct UsageFields
{
    /// <summary>A field was there and held no count.</summary>
    public bool IsBad { get; private set; }

    /// <summary>Missing or null: <paramref name="absent"/>.</summary>
    public long Read(JsonElement owner, string name, long absent)
    {
        if (owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return absent;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) && count is >= 0 and <= UsageLimits.MostTokens)
        {
            return count;
        }

        IsBad = true;
        return absent;
    }
}
