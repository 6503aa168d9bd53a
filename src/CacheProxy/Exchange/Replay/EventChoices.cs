using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>The events of each alternative.</summary>
internal static class EventChoices
{
    /// <summary>By index, each in the order of the answer; usage belongs to none.</summary>
    public static IEnumerable<IGrouping<int, AnswerEvent>> Of(CanonicalAnswer answer)
        => answer.Events.Where(item => item is not AnswerEvent.Usage).GroupBy(ChoiceOf).OrderBy(group => group.Key);

    private static int ChoiceOf(AnswerEvent item) => item switch
    {
        AnswerEvent.TextDelta e => e.Choice,
        AnswerEvent.ReasoningDelta e => e.Choice,
        AnswerEvent.RefusalDelta e => e.Choice,
        AnswerEvent.ToolCallDelta e => e.Choice,
        AnswerEvent.Annotation e => e.Choice,
        AnswerEvent.LogProbs e => e.Choice,
        AnswerEvent.Item e => e.Choice,
        AnswerEvent.Finish e => e.Choice,
        _ => throw new InvalidOperationException($"{item.GetType().Name} belongs to no choice."),
    };
}
