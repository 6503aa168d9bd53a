using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>Reads the content blocks of a message of Anthropic's API and why it stopped.</summary>
internal static class MessagesReader
{
    public static bool TryRead(JsonElement root, List<AnswerEvent> events)
    {
        if (root.Text("type") != "message" || !root.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        int calls = 0;
        foreach (JsonElement block in content.EnumerateArray())
        {
            ReadBlock(block, ref calls, events);
        }

        if (root.Text("stop_reason") is { } reason)
        {
            events.Add(new AnswerEvent.Finish(0, WordOf(reason), root.Text("stop_sequence")));
        }

        return true;
    }

    private static void ReadBlock(JsonElement block, ref int calls, List<AnswerEvent> events)
    {
        switch (block.Text("type"))
        {
            case "text":
                events.Add(new AnswerEvent.TextDelta(0, block.Text("text") ?? ""));
                events.AddRange(block.Items("citations").Select(citation => new AnswerEvent.Annotation(0, citation.GetRawText())));
                break;
            case "tool_use" when IsDirect(block):
                events.Add(new AnswerEvent.ToolCallDelta(0, calls++, block.Text("id"), block.Text("name"), block.GetProperty("input").Compact()));
                break;
            case "thinking" when string.IsNullOrEmpty(block.Text("signature")):
                events.Add(new AnswerEvent.ReasoningDelta(0, block.Text("thinking") ?? ""));
                break;
            default:
                events.Add(new AnswerEvent.Item(0, block.GetRawText(), IsSilent: false));
                break;
        }
    }

    // Called by the model itself, not by code that it runs.
    private static bool IsDirect(JsonElement block)
        => !block.TryGetProperty("caller", out JsonElement caller) || caller.IsNothing() || caller.Text("type") == "direct";

    private static string WordOf(string reason) => reason switch
    {
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" => "length",
        "tool_use" => "tool_calls",
        // The provider's classifiers broke off.
        "refusal" => "content_filter",
        _ => reason,
    };
}
