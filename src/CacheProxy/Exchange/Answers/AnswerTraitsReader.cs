using System.Text;
using System.Text.Json;

namespace CacheProxy.Exchange.Answers;

internal static class AnswerTraitsReader
{
    public static AnswerTraits Of(IReadOnlyList<AnswerEvent> events)
    {
        AnswerTraits traits = AnswerTraits.None;
        for (int i = 0; i < events.Count; i++)
        {
            traits |= events[i] switch
            {
                AnswerEvent.ToolCallDelta or AnswerEvent.Finish { Reason: "tool_calls" or "function_call" } => AnswerTraits.ToolCalls,
                AnswerEvent.Item item when CallsTool(item.Json) => AnswerTraits.ToolCalls,
                AnswerEvent.Finish finish when IsTruncated(finish.Reason) => AnswerTraits.Truncated,
                _ => AnswerTraits.None,
            };
        }

        return traits;
    }

    // Chat's older function_call and custom tools' calls are further members of the message; in the other dialects they are items that name
    // their type. What runs at the provider has run already; a call of a kind that nobody here knows counts as the client's.
    private static bool CallsTool(string json)
    {
        try
        {
            return HoldsCall(json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A damaged entry's: nothing is known of it.
            return true;
        }
    }

    private static bool HoldsCall(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name is "function_call" or "tool_calls"
                || (name == "type" && reader.TokenType == JsonTokenType.String && IsCall(reader.GetString()!)))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool IsCall(string type) => type switch
    {
        "tool_use" or "mcp_approval_request" => true,
        "web_search_call" or "file_search_call" or "code_interpreter_call" or "image_generation_call" or "mcp_call" or "tool_search_call" => false,
        _ => type.EndsWith("_call", StringComparison.Ordinal),
    };

    // OpenAI's word, and those of Anthropic and of the Responses API where a reader keeps them.
    private static bool IsTruncated(string reason) => reason is "length" or "max_tokens" or "max_output_tokens" or "model_context_window_exceeded";
}
