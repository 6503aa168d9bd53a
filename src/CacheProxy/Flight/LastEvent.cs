using CacheProxy.Exchange;

namespace CacheProxy.Flight;

/// <summary>Whether a stream's last event is the one after which its dialect sends no other. Only asked when a request finds a stream under way.</summary>
internal static class LastEvent
{
    // The events that end a stream are short, but for the one that repeats the whole response; that one names itself first.
    private const int MaxBytes = 64 * 1024;
    private const int FirstLookBytes = 512;

    public static bool IsTerminal(Dialect dialect, ReplayBuffer buffer)
    {
        for (int size = FirstLookBytes; ; size *= 4)
        {
            byte[] tail = buffer.Tail(size);
            ReadOnlySpan<byte> text = WithoutBlankLine(tail);
            if (text.Length == tail.Length)
            {
                // The event under way is not at its end.
                return false;
            }

            int before = Math.Max(text.LastIndexOf("\n\n"u8), text.LastIndexOf("\n\r\n"u8));
            if (before >= 0 || tail.Length < size)
            {
                return IsTerminal(dialect, text[(before + 1)..].TrimStart("\r\n"u8));
            }

            if (size >= MaxBytes)
            {
                return false;
            }
        }
    }

    private static bool IsTerminal(Dialect dialect, ReadOnlySpan<byte> text) => dialect switch
    {
        Dialect.AnthropicMessages => text.StartsWith("event: message_stop"u8) || text.StartsWith("event:message_stop"u8) || text.StartsWith("event: error"u8),
        Dialect.OpenAIResponses => text.StartsWith("event: response.completed"u8) || text.StartsWith("event: response.incomplete"u8)
            || text.StartsWith("event: response.failed"u8) || text.StartsWith("event: error"u8),
        _ => text.SequenceEqual("data: [DONE]"u8) || text.SequenceEqual("data:[DONE]"u8),
    };

    private static ReadOnlySpan<byte> WithoutBlankLine(ReadOnlySpan<byte> tail)
        => tail.EndsWith("\n\n"u8) || tail.EndsWith("\n\r\n"u8) ? tail.TrimEnd("\r\n"u8) : tail;
}
