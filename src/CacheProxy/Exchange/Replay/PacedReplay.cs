using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// Sends a recorded stream event by event, as fast as a model would have made it: the tokens that the answer says it has are spread evenly
/// over its events. Each event leaves at its own time from the start, so that a slow client does not add to the length of the whole.
/// </summary>
internal static class PacedReplay
{
    public static async Task WriteAsync(HttpContext context, CanonicalAnswer answer, ReadOnlyMemory<byte> stream, double tokensPerSecond, TimeProvider clock)
    {
        List<ReadOnlyMemory<byte>> events = SplitEvents(stream);
        TimeSpan step = TimeSpan.FromSeconds(Tokens(answer, events.Count) / tokensPerSecond / events.Count);
        long start = clock.GetTimestamp();
        for (int sent = 0; sent < events.Count; sent++)
        {
            TimeSpan early = (step * sent) - clock.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, clock, context.RequestAborted);
            }

            await context.Response.Body.WriteAsync(events[sent], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>The events with their blank lines; what follows the last one is one more.</summary>
    public static List<ReadOnlyMemory<byte>> SplitEvents(ReadOnlyMemory<byte> stream)
    {
        var events = new List<ReadOnlyMemory<byte>>();
        bool isLineEmpty = true;
        while (!stream.IsEmpty)
        {
            int length = EventBoundary.Take(stream.Span, ref isLineEmpty, out _);
            events.Add(stream[..length]);
            stream = stream[length..];
        }

        return events;
    }

    private static double Tokens(CanonicalAnswer answer, int events)
    {
        foreach (AnswerEvent item in answer.Events)
        {
            if (item is AnswerEvent.Usage { CompletionTokens: > 0 } usage)
            {
                return usage.CompletionTokens;
            }
        }

        return events;
    }
}
