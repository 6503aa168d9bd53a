using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>Reads a chat completion's choices.</summary>
internal static class ChatReader
{
    public static bool TryRead(JsonElement root, List<AnswerEvent> events)
    {
        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonElement choice in choices.EnumerateArray())
        {
            int index = choice.TryGetProperty("index", out JsonElement position) ? position.GetInt32() : 0;
            JsonElement message = choice.Child("message");
            if (!ToolArguments.AreValid(message.Child("function_call").Text("arguments") ?? ""))
            {
                return false;
            }

            ReadMessage(index, message, choice.Child("logprobs"), events);
            if (choice.Text("finish_reason") is { } reason)
            {
                events.Add(new AnswerEvent.Finish(index, reason));
            }
        }

        return true;
    }

    private static void ReadMessage(int choice, JsonElement message, JsonElement logProbs, List<AnswerEvent> events)
    {
        // Providers that show their reasoning use one name or the other.
        if ((message.Text("reasoning_content") ?? message.Text("reasoning")) is { Length: > 0 } reasoning)
        {
            events.Add(new AnswerEvent.ReasoningDelta(choice, reasoning));
        }

        if (message.Text("content") is { } text)
        {
            events.Add(new AnswerEvent.TextDelta(choice, text));
        }

        if (message.Text("refusal") is { Length: > 0 } refusal)
        {
            events.Add(new AnswerEvent.RefusalDelta(choice, refusal));
        }

        events.AddRange(message.Items("annotations").Select(annotation => new AnswerEvent.Annotation(choice, annotation.GetRawText())));
        if (!logProbs.IsNothing())
        {
            events.Add(new AnswerEvent.LogProbs(choice, logProbs.GetRawText()));
        }

        ReadCalls(choice, message, events);
        if (Further(message) is { Length: > 2 } json)
        {
            events.Add(new AnswerEvent.Item(choice, json, IsSilent: false));
        }
    }

    private static void ReadCalls(int choice, JsonElement message, List<AnswerEvent> events)
    {
        int place = 0;
        foreach (JsonElement call in message.Items("tool_calls").Where(IsFunction))
        {
            JsonElement function = call.Child("function");
            events.Add(new AnswerEvent.ToolCallDelta(choice, place++, call.Text("id"), function.Text("name"), function.Text("arguments") ?? ""));
        }
    }

    private static bool IsFunction(JsonElement call) => call.Text("type") is null or "function";

    // Audio, images, custom tools' calls, the older function_call: an object of them, as they stand in the message.
    private static string Further(JsonElement message)
    {
        var fields = new List<string>();
        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (property.NameEquals("tool_calls"u8) && property.Value.ValueKind == JsonValueKind.Array)
            {
                JsonElement[] others = [.. property.Value.EnumerateArray().Where(call => !IsFunction(call))];
                if (others.Length > 0)
                {
                    fields.Add($"\"tool_calls\":[{string.Join(',', others.Select(call => call.GetRawText()))}]");
                }
            }
            else if (!IsKnown(property) && !property.Value.IsNothing())
            {
                fields.Add($"\"{JsonEncodedText.Encode(property.Name)}\":{property.Value.GetRawText()}");
            }
        }

        return $"{{{string.Join(',', fields)}}}";
    }

    private static bool IsKnown(JsonProperty property) => property.Name switch
    {
        "role" or "annotations" => true,
        "content" or "refusal" or "reasoning" or "reasoning_content" => property.Value.ValueKind == JsonValueKind.String,
        _ => false,
    };
}
