using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>
/// Events of the Responses API. The terminal event holds the whole response; items that some servers leave out of it are taken from their
/// own <c>response.output_item.done</c>.
/// </summary>
internal sealed class ResponsesFold : StreamFold
{
    private readonly SortedDictionary<int, string> _items = [];
    private JsonElement _response;

    protected override bool TryAccept(JsonElement root)
    {
        switch (TypeOf(root))
        {
            case null or "response.failed":
                return false;
            case "response.output_item.done":
                _items[root.GetProperty("output_index").GetInt32()] = root.GetProperty("item").GetRawText();
                return true;
            case "response.completed" or "response.incomplete":
                _response = root.GetProperty("response").Clone();
                IsOver = true;
                return _response.ValueKind == JsonValueKind.Object;
            default:
                return true;
        }
    }

    protected override void Write(Utf8JsonWriter json)
    {
        bool hasOutput = _response.TryGetProperty("output", out JsonElement output) && output.ValueKind == JsonValueKind.Array && output.GetArrayLength() > 0;
        if (hasOutput || _items.Count == 0)
        {
            json.WriteRawValue(_response.GetRawText(), skipInputValidation: true);
            return;
        }

        json.WriteStartObject();
        foreach (JsonProperty property in _response.EnumerateObject())
        {
            if (!property.NameEquals("output"u8))
            {
                property.WriteTo(json);
            }
        }

        json.WriteStartArray("output"u8);
        foreach (string item in _items.Values)
        {
            json.WriteRawValue(item, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
