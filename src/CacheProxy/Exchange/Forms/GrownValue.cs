using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A value that came whole, verbatim.</summary>
internal sealed class GrownValue(JsonElement value) : Grown
{
    private readonly string _json = value.GetRawText();

    /// <summary>Null, or a text of no characters.</summary>
    public bool IsEmpty => _json is "null" or "\"\"";

    public override void WriteTo(Utf8JsonWriter json) => json.WriteRawValue(_json, skipInputValidation: true);
}
