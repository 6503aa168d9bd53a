using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>Reads a response's output items and how it ended.</summary>
internal static class ResponsesReader
{
    public static bool TryRead(JsonElement root, List<AnswerEvent> events)
    {
        if (!root.TryGetProperty("output", out JsonElement output) || output.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        int calls = 0;
        foreach (JsonElement item in output.EnumerateArray())
        {
            ReadItem(item, ref calls, events);
        }

        if (FinishOf(root, calls) is { } reason)
        {
            events.Add(new AnswerEvent.Finish(0, reason));
        }

        return true;
    }

    private static void ReadItem(JsonElement item, ref int calls, List<AnswerEvent> events)
    {
        switch (item.Text("type"))
        {
            case "message" when IsPlain(item):
                foreach (JsonElement part in item.Items("content"))
                {
                    ReadPart(part, events);
                }

                break;
            case "function_call" when !IsSaid(item, "namespace") && !IsSaid(item, "caller"):
                events.Add(new AnswerEvent.ToolCallDelta(0, calls++, item.Text("call_id"), item.Text("name"), item.Text("arguments") ?? ""));
                break;
            case "reasoning":
                ReadReasoning(item, events);
                break;
            default:
                events.Add(new AnswerEvent.Item(0, item.GetRawText(), IsSilent: false));
                break;
        }
    }

    // A commentary between calls is no part of the final text, which is all that other dialects have.
    private static bool IsPlain(JsonElement item)
        => item.Text("phase") is null or "final_answer" && item.Items("content").All(part => part.Text("type") is "output_text" or "refusal");

    private static bool IsSaid(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) && !value.IsNothing();

    private static void ReadPart(JsonElement part, List<AnswerEvent> events)
    {
        if (part.Text("refusal") is { } refusal)
        {
            events.Add(new AnswerEvent.RefusalDelta(0, refusal));
            return;
        }

        events.Add(new AnswerEvent.TextDelta(0, part.Text("text") ?? ""));
        events.AddRange(part.Items("annotations").Select(annotation => new AnswerEvent.Annotation(0, annotation.GetRawText())));
        if (part.TryGetProperty("logprobs", out JsonElement logProbs) && !logProbs.IsNothing())
        {
            events.Add(new AnswerEvent.LogProbs(0, logProbs.GetRawText()));
        }
    }

    // Summaries and encrypted thoughts mean nothing to other dialects; an item without anything to read is shown by none of them.
    private static void ReadReasoning(JsonElement item, List<AnswerEvent> events)
    {
        string[] texts = [.. item.Items("content").Where(part => part.Text("type") == "reasoning_text").Select(part => part.Text("text") ?? "")];
        bool hasSummary = item.Items("summary").Any();
        bool isOpen = texts.Length > 0 && texts.Length == item.Items("content").Count() && !hasSummary && !IsSaid(item, "encrypted_content");
        if (isOpen)
        {
            events.AddRange(texts.Select(text => new AnswerEvent.ReasoningDelta(0, text)));
        }
        else
        {
            events.Add(new AnswerEvent.Item(0, item.GetRawText(), IsSilent: !hasSummary && !item.Items("content").Any()));
        }
    }

    // The API has no word for the end by a tool call: it is complete.
    private static string? FinishOf(JsonElement root, int calls) => root.Text("status") switch
    {
        "completed" => calls > 0 ? "tool_calls" : "stop",
        "incomplete" => root.Child("incomplete_details").Text("reason") switch
        {
            "max_output_tokens" => "length",
            { } reason => reason,
            null => "incomplete",
        },
        _ => null,
    };
}
