using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;

namespace CacheProxy.Record;

/// <summary>Whether an answer is complete and sound enough to be given to others.</summary>
public static class AnswerJudge
{
    /// <param name="storeTruncated">An answer that ended at its token limit counts as complete.</param>
    public static RecordResult Judge(CanonicalAnswer answer, RequestFacts facts, bool storeTruncated = true)
    {
        AnswerEvent.Finish[] finishes = [.. answer.Events.OfType<AnswerEvent.Finish>()];
        // Every prompt of a batch has its own choices, numbered through.
        long expected = Math.Max(1, facts.Choices) * (long)facts.Prompts;
        if (finishes.Select(finish => finish.Choice).Where(choice => choice >= 0 && choice < expected).Distinct().LongCount() < expected
            || answer.Events.Any(item => ChoiceOf(item) is { } choice && !Array.Exists(finishes, finish => finish.Choice == choice)))
        {
            return RecordResult.Incomplete;
        }

        RecordResult end = finishes.Select(finish => JudgeEnd(finish.Reason, storeTruncated)).FirstOrDefault(result => result != RecordResult.Recorded);
        if (end != RecordResult.Recorded)
        {
            return end;
        }

        if (!HasSubstance(answer))
        {
            return RecordResult.Empty;
        }

        return answer.Events.OfType<AnswerEvent.ToolCallDelta>().All(call => !string.IsNullOrEmpty(call.Name) && ToolArguments.AreValid(call.Arguments))
            ? RecordResult.Recorded
            : RecordResult.InvalidToolCall;
    }

    // Servers beside OpenAI's end with words of their own; one that nobody knows may mean that it broke off.
    private static RecordResult JudgeEnd(string reason, bool storeTruncated) => reason switch
    {
        "stop" or "tool_calls" or "function_call" or "stop_sequence" or "end_turn" or "eos" or "eos_token" => RecordResult.Recorded,
        "length" or "max_tokens" or "model_context_window_exceeded" => storeTruncated ? RecordResult.Recorded : RecordResult.Truncated,
        "content_filter" => RecordResult.Filtered,
        _ => RecordResult.Incomplete,
    };

    private static int? ChoiceOf(AnswerEvent item) => item switch
    {
        AnswerEvent.TextDelta { Choice: var choice } => choice,
        AnswerEvent.ToolCallDelta { Choice: var choice } => choice,
        AnswerEvent.RefusalDelta { Choice: var choice } => choice,
        AnswerEvent.ReasoningDelta { Choice: var choice } => choice,
        AnswerEvent.Item { Choice: var choice } => choice,
        _ => null,
    };

    private static bool HasSubstance(CanonicalAnswer answer) => answer.Events.Any(item => item switch
    {
        AnswerEvent.TextDelta text => text.Text.Length > 0,
        AnswerEvent.RefusalDelta refusal => refusal.Text.Length > 0,
        AnswerEvent.ToolCallDelta => true,
        AnswerEvent.Item own => !own.IsSilent,
        _ => false,
    });
}
