using System.Text;
using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>One content block of Anthropic's stream: what its start said, with the deltas since.</summary>
internal sealed class GrownBlock(JsonElement start)
{
    private readonly JsonElement _start = start.Clone();
    private readonly Dictionary<string, StringBuilder> _texts = [];
    private readonly List<string> _citations = [];

    public bool IsOver { get; private set; }

    public bool TryEnd() => !IsOver && (IsOver = true);

    /// <returns>False: the block is over, or the delta is of a kind whose place in the block is not known.</returns>
    public bool TryGrow(JsonElement delta)
    {
        switch (IsOver ? null : delta.GetProperty("type").GetString())
        {
            case "text_delta":
                return Append("text", delta, "text");
            case "input_json_delta":
                return Append("input", delta, "partial_json");
            case "thinking_delta":
                return Append("thinking", delta, "thinking");
            case "signature_delta":
                return Append("signature", delta, "signature");
            case "compaction_delta":
                return Append("content", delta, "content");
            case "citations_delta":
                _citations.Add(delta.GetProperty("citation").GetRawText());
                return true;
            default:
                return false;
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (JsonProperty property in _start.EnumerateObject())
        {
            if (property.NameEquals("citations"u8) && _citations.Count > 0)
            {
                continue;
            }

            if (_texts.Remove(property.Name, out StringBuilder? pieces) && pieces.Length > 0)
            {
                WriteGrown(json, property.Name, property.Value, pieces.ToString());
            }
            else
            {
                property.WriteTo(json);
            }
        }

        foreach (var (name, pieces) in _texts)
        {
            WriteGrown(json, name, default, pieces.ToString());
        }

        WriteCitations(json);
        json.WriteEndObject();
    }

    private bool Append(string field, JsonElement delta, string name)
    {
        if (!_texts.TryGetValue(field, out StringBuilder? pieces))
        {
            _texts.Add(field, pieces = new StringBuilder());
        }

        pieces.Append(delta.GetProperty(name).GetString());
        return true;
    }

    private static void WriteGrown(Utf8JsonWriter json, string name, JsonElement begun, string pieces)
    {
        json.WritePropertyName(name);
        if (name != "input")
        {
            json.WriteStringValue((begun.ValueKind == JsonValueKind.String ? begun.GetString() : "") + pieces);
        }
        else if (IsJson(pieces))
        {
            json.WriteRawValue(pieces, skipInputValidation: true);
        }
        else
        {
            // As text it is no input that any tool takes, which the judge sees.
            json.WriteStringValue(pieces);
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void WriteCitations(Utf8JsonWriter json)
    {
        if (_citations.Count == 0)
        {
            return;
        }

        json.WriteStartArray("citations"u8);
        if (_start.TryGetProperty("citations", out JsonElement begun) && begun.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement citation in begun.EnumerateArray())
            {
                citation.WriteTo(json);
            }
        }

        foreach (string citation in _citations)
        {
            json.WriteRawValue(citation, skipInputValidation: true);
        }

        json.WriteEndArray();
    }
}
