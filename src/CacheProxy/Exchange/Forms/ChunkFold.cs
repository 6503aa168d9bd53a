using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>
/// Chunks of chat completions and of completions: <c>choices[].delta</c> grows to <c>message</c>, <c>choices[].text</c> to one text. What
/// the chunks carry beyond the specification is kept where it came, as extensions of vLLM, Azure or OpenRouter.
/// </summary>
internal sealed class ChunkFold(bool isChat) : StreamFold
{
    private readonly GrownObject _head = new();
    private readonly SortedDictionary<int, GrownObject> _choices = [];

    protected override void OnDone() => IsOver = true;

    protected override bool TryAccept(JsonElement root)
    {
        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonProperty property in root.EnumerateObject())
        {
            AcceptHead(property);
        }

        foreach (JsonElement choice in choices.EnumerateArray())
        {
            AcceptChoice(choice);
        }

        return true;
    }

    // Azure begins with a chunk of empty id and model; usage and unknown fields may come with any chunk, and the last one counts.
    private void AcceptHead(JsonProperty property)
    {
        if (property.NameEquals("choices"u8) || property.NameEquals("object"u8) || property.NameEquals("obfuscation"u8))
        {
            return;
        }

        int place = _head.Find(property);
        if (place < 0)
        {
            _head[property.Name] = new GrownValue(property.Value);
            return;
        }

        (string name, Grown known) = _head.Properties[place];
        bool isFixed = name is "id" or "model" or "created" or "system_fingerprint";
        if (property.Value.ValueKind != JsonValueKind.Null && !(isFixed && known is GrownValue { IsEmpty: false }))
        {
            _head[name] = new GrownValue(property.Value);
        }
    }

    private void AcceptChoice(JsonElement choice)
    {
        int index = choice.TryGetProperty("index", out JsonElement place) ? place.GetInt32() : 0;
        if (!_choices.TryGetValue(index, out GrownObject? grown))
        {
            _choices.Add(index, grown = new GrownObject());
        }

        foreach (JsonProperty property in choice.EnumerateObject())
        {
            if (!property.NameEquals("index"u8))
            {
                grown.Grow(property, appends: property.NameEquals("delta"u8) || property.NameEquals("text"u8));
            }
        }
    }

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, isChat ? "chat.completion" : "text_completion");
        foreach (var (name, value) in _head.Properties)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteStartArray("choices"u8);
        foreach (var (index, choice) in _choices)
        {
            WriteChoice(json, index, choice);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json, int index, GrownObject choice)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        if (isChat)
        {
            json.WritePropertyName("message"u8);
            MessageForm.Write(json, choice["delta"] as GrownObject ?? new GrownObject());
        }

        foreach (var (name, value) in choice.Properties)
        {
            if (name != "delta")
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        // Objects always carry them, chunks need not.
        WriteNullUnless(json, choice, "logprobs");
        WriteNullUnless(json, choice, "finish_reason");
        json.WriteEndObject();
    }

    private static void WriteNullUnless(Utf8JsonWriter json, GrownObject choice, string name)
    {
        if (choice[name] is null)
        {
            json.WriteNull(name);
        }
    }
}
