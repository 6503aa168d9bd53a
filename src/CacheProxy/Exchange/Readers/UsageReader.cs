using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>
/// The counts of every dialect under one arithmetic: the prompt is all of it, cached or not, and the completion all that is billed as output. Counts that
/// cannot be (negative, fractions, texts, parts larger than their whole, more than any model takes) make the whole usage unknown: half of a wrong bill
/// is no better than none.
/// </summary>
internal static class UsageReader
{
    private static readonly Names s_chat = new("prompt_tokens", "prompt_tokens_details", "completion_tokens", "completion_tokens_details");
    private static readonly Names s_responses = new("input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details");

    /// <param name="tier">As the answer says it beside the usage; Standard: it does not, or does so in the usage.</param>
    public static AnswerEvent.Usage Read(JsonElement usage, Dialect dialect, ServiceTier tier = ServiceTier.Standard, HostedTools tools = default)
    {
        TokenCounts counts = ReadCounts(usage, dialect, tier, tools);
        return new AnswerEvent.Usage(usage.GetRawText(), counts.Prompt, counts.Completion, Math.Max(0, counts.CachedRead))
        {
            CacheWriteTokens = Math.Max(0, counts.CacheWrite),
            CacheWriteHourTokens = Math.Max(0, counts.CacheWriteHour),
            ReasoningTokens = Math.Max(0, counts.Reasoning),
            Extras = counts.Extras,
            Tier = counts.Tier,
            Searches = counts.Searches,
        };
    }

    /// <summary>The same without the object itself.</summary>
    public static TokenCounts ReadCounts(JsonElement usage, Dialect dialect, ServiceTier tier, HostedTools tools)
    {
        var fields = new UsageFields();
        TokenCounts counts = dialect switch
        {
            Dialect.AnthropicMessages => ReadMessages(usage, ref fields),
            Dialect.OpenAIResponses => ReadOpenAI(usage, ref fields, s_responses),
            Dialect.OpenAIEmbeddings => ReadOpenAI(usage, ref fields, s_chat) with { Completion = 0 },
            _ => ReadOpenAI(usage, ref fields, s_chat),
        };
        tier = tier == ServiceTier.Standard ? TierOf(usage) : tier;
        (UsageExtras extras, int searches) = dialect == Dialect.AnthropicMessages ? tools.Counted(usage.Child("server_tool_use")) : (tools.Extras | ExtrasOf(usage, dialect), 0);
        return (fields.IsBad || !UsageLimits.AddUp(counts) ? TokenCounts.Unknown : counts) with { Tier = tier, Extras = extras, Searches = searches };
    }

    /// <summary>Missing, null or the list price: Standard.</summary>
    public static ServiceTier TierOf(JsonElement owner)
        => !owner.TryGetProperty("service_tier"u8, out JsonElement tier) || tier.ValueKind != JsonValueKind.String ? ServiceTier.Standard : TierOf(tier.GetString());

    public static ServiceTier TierOf(string? tier) => tier switch
    {
        null or "" or "auto" or "default" or "standard" or "on_demand" => ServiceTier.Standard,
        "flex" => ServiceTier.Flex,
        "priority" or "fast" => ServiceTier.Priority,
        "batch" => ServiceTier.Batch,
        _ => ServiceTier.Other,
    };

    private static TokenCounts ReadOpenAI(JsonElement usage, ref UsageFields fields, Names names)
    {
        JsonElement details = usage.Child(names.PromptDetails);
        long input = fields.Read(usage, names.Prompt, -1), output = fields.Read(usage, names.Completion, -1);
        // DeepSeek names its hits beside the total, Moonshot beside the prompt.
        long cached = fields.Read(details, "cached_tokens", fields.Read(usage, "prompt_cache_hit_tokens", fields.Read(usage, "cached_tokens", -1)));
        if (input < 0 && fields.Read(usage, "prompt_cache_miss_tokens", -1) is var missed and >= 0)
        {
            input = Math.Max(0, cached) + missed;
        }

        // OpenAI's completion has the thoughts in it; xAI's and Gemini's lack them, and only the total tells. They are billed as output everywhere.
        long total = fields.Read(usage, "total_tokens", -1);
        return new TokenCounts(input, input >= 0 && output >= 0 ? Math.Max(output, total - input) : output)
        {
            CachedRead = cached,
            CacheWrite = fields.Read(details, "cache_write_tokens", 0),
            CacheWriteHour = 0,
            Reasoning = fields.Read(usage.Child(names.CompletionDetails), "reasoning_tokens", 0),
        };
    }

    // input_tokens are those behind the last cache breakpoint alone.
    private static TokenCounts ReadMessages(JsonElement usage, ref UsageFields fields)
    {
        JsonElement creation = usage.Child("cache_creation");
        long input = fields.Read(usage, "input_tokens", -1);
        long read = fields.Read(usage, "cache_read_input_tokens", 0);
        long hour = fields.Read(creation, "ephemeral_1h_input_tokens", 0);
        long written = fields.Read(usage, "cache_creation_input_tokens", hour + fields.Read(creation, "ephemeral_5m_input_tokens", 0));
        return new TokenCounts(input < 0 ? -1 : input + read + written, fields.Read(usage, "output_tokens", -1))
        {
            CachedRead = read,
            CacheWrite = written,
            CacheWriteHour = hour,
            Reasoning = 0,
        };
    }

    private static UsageExtras ExtrasOf(JsonElement usage, Dialect dialect)
    {
        bool hasSearches = usage.TryGetProperty("num_search_queries"u8, out JsonElement searches) && HostedTools.IsMore(searches);
        bool hasAudio = dialect is Dialect.OpenAIChat
            && (usage.Child(s_chat.PromptDetails).Number("audio_tokens", 0) > 0 || usage.Child(s_chat.CompletionDetails).Number("audio_tokens", 0) > 0);
        return (hasSearches ? UsageExtras.HostedTools : UsageExtras.None) | (hasAudio ? UsageExtras.Audio : UsageExtras.None);
    }

    private sealed record Names(string Prompt, string PromptDetails, string Completion, string CompletionDetails);
}
