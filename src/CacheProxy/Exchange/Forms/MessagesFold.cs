using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>
/// Events of Anthropic's Messages API: <c>message_start</c> has the frame, the blocks grow between their start and stop,
/// <c>message_delta</c> has the end and the final, cumulative usage. Event types of later versions are passed over, as the API asks.
/// </summary>
internal sealed class MessagesFold : StreamFold
{
    private readonly SortedDictionary<int, GrownBlock> _blocks = [];
    private readonly GrownObject _message = new();
    private readonly GrownObject _usage = new();
    private bool _hasStarted;

    protected override bool TryAccept(JsonElement root)
    {
        switch (TypeOf(root))
        {
            case "message_start":
                _hasStarted = true;
                return TryAcceptMessage(root.GetProperty("message"));
            case "content_block_start":
                return _blocks.TryAdd(root.GetProperty("index").GetInt32(), new GrownBlock(root.GetProperty("content_block")));
            case "content_block_delta":
                return _blocks.TryGetValue(root.GetProperty("index").GetInt32(), out GrownBlock? block) && block.TryGrow(root.GetProperty("delta"));
            case "content_block_stop":
                return _blocks.TryGetValue(root.GetProperty("index").GetInt32(), out GrownBlock? ended) && ended.TryEnd();
            case "message_delta":
                return TryAcceptEnd(root);
            case "message_stop":
                IsOver = true;
                return _hasStarted && _blocks.Values.All(item => item.IsOver);
            case null:
                return false;
            default:
                return true;
        }
    }

    private bool TryAcceptMessage(JsonElement message)
    {
        Take(message, except: "usage");
        if (message.TryGetProperty("usage", out JsonElement usage))
        {
            TakeUsage(usage);
        }

        return true;
    }

    // What stands beside delta and usage belongs to the message too (context_management).
    private bool TryAcceptEnd(JsonElement root)
    {
        if (!_hasStarted)
        {
            return false;
        }

        Take(root.GetProperty("delta"), except: null);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name is not ("type" or "delta" or "usage"))
            {
                _message[property.Name] = new GrownValue(property.Value);
            }
        }

        if (root.TryGetProperty("usage", out JsonElement usage))
        {
            TakeUsage(usage);
        }

        return true;
    }

    private void Take(JsonElement fields, string? except)
    {
        foreach (JsonProperty property in fields.EnumerateObject())
        {
            if (property.Name != except && (property.Value.ValueKind != JsonValueKind.Null || _message[property.Name] is null))
            {
                _message[property.Name] = new GrownValue(property.Value);
            }
        }
    }

    private void TakeUsage(JsonElement usage)
    {
        foreach (JsonProperty property in usage.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null || _usage[property.Name] is null)
            {
                _usage[property.Name] = new GrownValue(property.Value);
            }
        }
    }

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in _message.Properties)
        {
            json.WritePropertyName(name);
            if (name != "content")
            {
                value.WriteTo(json);
                continue;
            }

            json.WriteStartArray();
            foreach (GrownBlock block in _blocks.Values)
            {
                block.WriteTo(json);
            }

            json.WriteEndArray();
        }

        json.WritePropertyName("usage"u8);
        _usage.WriteTo(json);
        json.WriteEndObject();
    }
}
