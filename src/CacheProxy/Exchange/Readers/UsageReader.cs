using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>The counts of every dialect under one arithmetic: the prompt is all of it, cached or not.</summary>
internal static class UsageReader
{
    public static AnswerEvent.Usage Read(JsonElement usage, Dialect dialect) => dialect switch
    {
        Dialect.AnthropicMessages => ReadMessages(usage),
        Dialect.OpenAIResponses => ReadOpenAI(usage, "input", "output"),
        _ => ReadOpenAI(usage, "prompt", "completion"),
    };

    private static AnswerEvent.Usage ReadOpenAI(JsonElement usage, string prompt, string completion)
    {
        JsonElement details = usage.Child($"{prompt}_tokens_details");
        return new AnswerEvent.Usage(
            usage.GetRawText(), usage.Number($"{prompt}_tokens", -1), usage.Number($"{completion}_tokens", -1), details.Number("cached_tokens", 0))
        {
            CacheWriteTokens = details.Number("cache_write_tokens", 0),
            ReasoningTokens = usage.Child($"{completion}_tokens_details").Number("reasoning_tokens", 0),
        };
    }

    // input_tokens are those behind the last cache breakpoint alone.
    private static AnswerEvent.Usage ReadMessages(JsonElement usage)
    {
        long input = usage.Number("input_tokens", -1);
        long read = usage.Number("cache_read_input_tokens", 0);
        long written = usage.Number("cache_creation_input_tokens", 0);
        return new AnswerEvent.Usage(usage.GetRawText(), input < 0 ? -1 : input + read + written, usage.Number("output_tokens", -1), read)
        {
            CacheWriteTokens = written,
        };
    }
}
