using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>Reads a completion's choices.</summary>
internal static class CompletionsReader
{
    public static bool TryRead(JsonElement root, List<AnswerEvent> events)
    {
        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonElement choice in choices.EnumerateArray())
        {
            if (choice.Text("text") is not { } text)
            {
                return false;
            }

            int index = choice.TryGetProperty("index", out JsonElement position) ? position.GetInt32() : 0;
            events.Add(new AnswerEvent.TextDelta(index, text));
            if (choice.Child("logprobs") is var logProbs && !logProbs.IsNothing())
            {
                events.Add(new AnswerEvent.LogProbs(index, logProbs.GetRawText()));
            }

            if (choice.Text("finish_reason") is { } reason)
            {
                events.Add(new AnswerEvent.Finish(index, reason));
            }
        }

        return true;
    }
}
