using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Readers;

/// <summary>Signs in an answer that tools ran at the provider, which it charges for by the call.</summary>
/// <param name="Extras">What was seen.</param>
/// <param name="ServerCalls">Calls among it that Anthropic's usage may count.</param>
internal readonly record struct HostedTools(UsageExtras Extras, int ServerCalls)
{
    // One answer's; more is no count of searches.
    private const int MostSearches = 10_000;

    /// <param name="type">The <c>type</c> of an item, block or annotation: some only such a call leaves behind.</param>
    public HostedTools With(ReadOnlySpan<byte> type)
        => type.SequenceEqual("server_tool_use"u8) ? new(Extras | UsageExtras.HostedTools, ServerCalls + 1)
            : type.SequenceEqual("web_search_call"u8) || type.SequenceEqual("file_search_call"u8) || type.SequenceEqual("code_interpreter_call"u8)
                || type.SequenceEqual("url_citation"u8) ? this with { Extras = Extras | UsageExtras.HostedTools }
            : type.SequenceEqual("image_generation_call"u8) ? this with { Extras = Extras | UsageExtras.Images }
            : this;

    public static HostedTools In(IReadOnlyList<AnswerEvent> events)
    {
        HostedTools tools = default;
        foreach (AnswerEvent item in events)
        {
            tools = item switch
            {
                AnswerEvent.Item own => tools.WithJson(own.Json),
                AnswerEvent.Annotation annotation => tools.WithJson(annotation.Json),
                _ => tools,
            };
        }

        return tools;
    }

    /// <summary>
    /// With what Anthropic's usage counts: searches are charged by the search, pages that were fetched by their tokens alone. A call that it does not
    /// count, or counts as something else, is of unknown price, as are counts that cannot be.
    /// </summary>
    /// <param name="counts"><c>server_tool_use</c>; nothing where the usage lacks it.</param>
    public (UsageExtras Extras, int Searches) Counted(JsonElement counts)
    {
        if (counts.ValueKind != JsonValueKind.Object)
        {
            return (Extras, 0);
        }

        (int searches, int fetches, bool isAll) = (0, 0, true);
        foreach (JsonProperty count in counts.EnumerateObject())
        {
            if (count.NameEquals("web_search_requests"u8))
            {
                isAll &= TryCount(count.Value, out searches);
            }
            else if (count.NameEquals("web_fetch_requests"u8))
            {
                isAll &= TryCount(count.Value, out fetches);
            }
            else
            {
                isAll &= !IsMore(count.Value);
            }
        }

        isAll &= ServerCalls <= searches + fetches;
        UsageExtras extras = isAll ? Extras & ~UsageExtras.HostedTools : Extras | UsageExtras.HostedTools;
        return (searches > 0 ? extras | UsageExtras.Searches : extras, searches);
    }

    /// <summary>A number above 0.</summary>
    public static bool IsMore(JsonElement count) => count.ValueKind == JsonValueKind.Number && count.TryGetDouble(out double number) && number > 0;

    private static bool TryCount(JsonElement value, out int count)
    {
        count = 0;
        return value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out count) && count is >= 0 and <= MostSearches)
            || (count = 0) != 0;
    }

    private HostedTools WithJson(string json)
    {
        using JsonDocument item = JsonDocument.Parse(json);
        return item.RootElement.ValueKind == JsonValueKind.Object && item.RootElement.TryGetProperty("type"u8, out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? With(System.Text.Encoding.UTF8.GetBytes(type.GetString()!))
            : this;
    }
}
