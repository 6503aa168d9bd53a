using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A JSON value that grows by the deltas of a stream, the way the providers' own clients put one together.</summary>
internal abstract class Grown
{
    /// <summary>What a delta may say again with every chunk and is no continuation of what was there.</summary>
    private static readonly HashSet<string> SaidOnce = ["id", "type", "role", "name", "index", "format"];

    public abstract void WriteTo(Utf8JsonWriter json);

    /// <summary>The value after one more delta.</summary>
    /// <param name="appends">Texts continue each other; else the newer one takes the place of the older.</param>
    public static Grown Grow(Grown? old, JsonElement delta, string name, bool appends) => delta.ValueKind switch
    {
        JsonValueKind.Null => old ?? new GrownValue(delta),
        JsonValueKind.Object => Extend(old as GrownObject ?? new GrownObject(), delta, appends),
        JsonValueKind.Array => Extend(old as GrownList ?? new GrownList(), delta, appends),
        JsonValueKind.String when appends && !SaidOnce.Contains(name) => Extend(old as GrownText ?? new GrownText(), delta),
        JsonValueKind.String when appends && old is GrownValue { IsEmpty: false } => old,
        _ => new GrownValue(delta),
    };

    private static GrownObject Extend(GrownObject target, JsonElement delta, bool appends)
    {
        foreach (JsonProperty property in delta.EnumerateObject())
        {
            target.Grow(property, appends);
        }

        return target;
    }

    private static GrownList Extend(GrownList target, JsonElement delta, bool appends)
    {
        foreach (JsonElement item in delta.EnumerateArray())
        {
            target.Add(item, appends);
        }

        return target;
    }

    private static GrownText Extend(GrownText target, JsonElement delta)
    {
        target.Append(delta.GetString()!);
        return target;
    }
}
