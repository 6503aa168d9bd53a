using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Stores.Codec;

/// <summary>What an entry weighs in memory: exact for the body, the texts and the events that are kept beside it, flat rates for the objects around them.</summary>
public static class EntrySize
{
    // A string's header and terminator; the entry, answer, body, id and list objects; an event's object and list slot.
    private const int StringBytes = 22;
    private const int EntryBytes = 400;
    private const int EventBytes = 56;

    public static int Estimate(CacheEntry entry)
    {
        long bytes = EntryBytes + entry.Answer.Body.Bytes.Length
            + Of(entry.Id) + Of(entry.Scope) + Of(entry.Namespace) + Of(entry.Model) + Of(entry.PrefixId) + Of(entry.UserId)
            + Of(entry.Answer.UpstreamId) + Of(entry.Answer.Model) + Of(entry.Answer.SystemFingerprint);
        for (int i = 0; i < entry.Tags.Count; i++)
        {
            bytes += Of(entry.Tags[i]);
        }

        if (entry.Answer.ListedEvents is { } events)
        {
            for (int i = 0; i < events.Count; i++)
            {
                bytes += EventBytes + Of(events[i]);
            }
        }

        return (int)Math.Min(bytes, int.MaxValue / 4);
    }

    private static int Of(AnswerEvent step) => step switch
    {
        AnswerEvent.TextDelta delta => Of(delta.Text),
        AnswerEvent.ReasoningDelta delta => Of(delta.Text),
        AnswerEvent.RefusalDelta delta => Of(delta.Text),
        AnswerEvent.ToolCallDelta call => Of(call.CallId) + Of(call.Name) + Of(call.Arguments),
        AnswerEvent.Annotation annotation => Of(annotation.Json),
        AnswerEvent.LogProbs logProbs => Of(logProbs.Json),
        AnswerEvent.Item item => Of(item.Json),
        AnswerEvent.Finish finish => Of(finish.Reason) + Of(finish.Detail),
        AnswerEvent.Usage usage => Of(usage.Json),
        _ => 0,
    };

    private static int Of(string? text) => text is null ? 0 : StringBytes + (2 * text.Length);
}
