using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Readers;

/// <summary>Signs in an answer that tools ran at the provider, each of which it charges for by the call.</summary>
internal static class HostedTools
{
    /// <summary>The <c>type</c> of an item, block or annotation that only such a call leaves behind.</summary>
    public static UsageExtras Of(ReadOnlySpan<byte> type)
        => type.SequenceEqual("web_search_call"u8) || type.SequenceEqual("file_search_call"u8) || type.SequenceEqual("code_interpreter_call"u8)
            || type.SequenceEqual("server_tool_use"u8) || type.SequenceEqual("url_citation"u8) ? UsageExtras.HostedTools
            : type.SequenceEqual("image_generation_call"u8) ? UsageExtras.Images
            : UsageExtras.None;

    public static UsageExtras In(IReadOnlyList<AnswerEvent> events)
    {
        UsageExtras extras = UsageExtras.None;
        foreach (AnswerEvent item in events)
        {
            extras |= item switch
            {
                AnswerEvent.Item own => InJson(own.Json),
                AnswerEvent.Annotation annotation => InJson(annotation.Json),
                _ => UsageExtras.None,
            };
        }

        return extras;
    }

    private static UsageExtras InJson(string json)
    {
        using JsonDocument item = JsonDocument.Parse(json);
        return item.RootElement.ValueKind == JsonValueKind.Object && item.RootElement.TryGetProperty("type"u8, out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? Of(System.Text.Encoding.UTF8.GetBytes(type.GetString()!))
            : UsageExtras.None;
    }
}
