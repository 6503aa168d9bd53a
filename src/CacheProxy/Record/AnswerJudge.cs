using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Record;

/// <summary>Whether an answer is complete and sound enough to be given to others.</summary>
public static class AnswerJudge
{
    public static RecordResult Judge(CanonicalAnswer answer, RequestFacts facts)
    {
        AnswerEvent.Finish[] finishes = [.. answer.Events.OfType<AnswerEvent.Finish>()];
        // Every prompt of a batch has its own choices, numbered through.
        long expected = Math.Max(1, facts.Choices) * (long)facts.Prompts;
        if (finishes.Select(finish => finish.Choice).Where(choice => choice >= 0 && choice < expected).Distinct().LongCount() < expected)
        {
            return RecordResult.Incomplete;
        }

        if (Array.Exists(finishes, finish => finish.Reason == "content_filter"))
        {
            return RecordResult.Filtered;
        }

        if (!HasSubstance(answer))
        {
            return RecordResult.Empty;
        }

        return answer.Events.OfType<AnswerEvent.ToolCallDelta>().GroupBy(call => (call.Choice, call.Index)).All(IsValid)
            ? RecordResult.Recorded
            : RecordResult.InvalidToolCall;
    }

    private static bool HasSubstance(CanonicalAnswer answer) => answer.Events.Any(item => item switch
    {
        AnswerEvent.TextDelta text => text.Text.Length > 0,
        AnswerEvent.RefusalDelta refusal => refusal.Text.Length > 0,
        AnswerEvent.ToolCallDelta => true,
        _ => false,
    });

    private static bool IsValid(IEnumerable<AnswerEvent.ToolCallDelta> call)
    {
        if (call.All(delta => string.IsNullOrEmpty(delta.Name)))
        {
            return false;
        }

        // A function without parameters is called with nothing at all by some providers.
        string arguments = string.Concat(call.Select(delta => delta.Arguments));
        if (arguments.Length == 0)
        {
            return true;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
