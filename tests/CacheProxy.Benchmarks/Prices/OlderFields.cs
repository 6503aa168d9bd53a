namespace CacheProxy.Benchmarks.Prices;

/// <summary>
/// What becomes of each field of the older table that has a price in it. A field that is not in this list stops the builder: a new rule of a provider is
/// to be read by somebody, not left out.
/// </summary>
internal static class OlderFields
{
    // Batches run beside the proxy; the price is for answers that say so, and what OpenAI takes for flex.
    private static readonly Dictionary<string, FieldUse> s_uses = new()
    {
        ["input_cost_per_token"] = FieldUse.Priced,
        ["output_cost_per_token"] = FieldUse.Priced,
        ["cache_read_input_token_cost"] = FieldUse.Priced,
        ["cache_creation_input_token_cost"] = FieldUse.Priced,
        ["input_cost_per_token_cache_hit"] = FieldUse.Priced,
        ["input_cost_per_token_above_128k_tokens"] = FieldUse.Priced,
        ["output_cost_per_token_above_128k_tokens"] = FieldUse.Priced,
        ["input_cost_per_token_above_200k_tokens"] = FieldUse.Priced,
        ["output_cost_per_token_above_200k_tokens"] = FieldUse.Priced,
        ["cache_read_input_token_cost_above_200k_tokens"] = FieldUse.Priced,
        ["cache_creation_input_token_cost_above_200k_tokens"] = FieldUse.Priced,
        ["input_cost_per_token_batches"] = FieldUse.Priced,
        ["output_cost_per_token_batches"] = FieldUse.Priced,
        // By three sizes of what a search brings; where all cost the same, by the search. Answers do not say the size.
        ["search_context_cost_per_query"] = FieldUse.Priced,

        // Usage that has audio is a known part: the tokens, at the price of text.
        ["input_cost_per_audio_token"] = FieldUse.MarkedInPart,
        ["output_cost_per_audio_token"] = FieldUse.MarkedInPart,
        ["cache_creation_input_audio_token_cost"] = FieldUse.MarkedInPart,
        ["cache_read_input_audio_token_cost"] = FieldUse.MarkedInPart,

        // The model is left out where it is above 0 and not the price of other output: its requests are of unknown price.
        ["output_cost_per_reasoning_token"] = FieldUse.Unknown,
        ["input_cost_per_request"] = FieldUse.Unknown,
        ["input_cost_per_query"] = FieldUse.Unknown,
        ["citation_cost_per_token"] = FieldUse.Unknown,
        ["input_cost_per_character"] = FieldUse.Unknown,
        ["output_cost_per_character"] = FieldUse.Unknown,
        ["input_cost_per_character_above_128k_tokens"] = FieldUse.Unknown,
        ["output_cost_per_character_above_128k_tokens"] = FieldUse.Unknown,
        ["input_cost_per_second"] = FieldUse.Unknown,
        ["output_cost_per_second"] = FieldUse.Unknown,
        ["output_cost_per_image"] = FieldUse.Unknown,
        ["output_cost_per_pixel"] = FieldUse.Unknown,
        ["input_cost_per_pixel"] = FieldUse.Unknown,
        ["input_cost_per_token_batch_requests"] = FieldUse.Unknown,
        ["input_dbu_cost_per_token"] = FieldUse.Unknown,
        ["output_dbu_cost_per_token"] = FieldUse.Unknown,
        ["output_db_cost_per_token"] = FieldUse.Unknown,

        // What such a prompt has of it is in its tokens already (xAI, Gemini), or no dialect here can carry it (pictures and films to embed).
        ["input_cost_per_image"] = FieldUse.InTokens,
        ["input_cost_per_image_above_128k_tokens"] = FieldUse.InTokens,
        ["input_cost_per_audio_per_second"] = FieldUse.InTokens,
        ["input_cost_per_audio_per_second_above_128k_tokens"] = FieldUse.InTokens,
        ["input_cost_per_video_per_second"] = FieldUse.InTokens,
        ["input_cost_per_video_per_second_above_128k_tokens"] = FieldUse.InTokens,
        ["input_cost_per_video_per_second_above_15s_interval"] = FieldUse.InTokens,
        ["input_cost_per_video_per_second_above_8s_interval"] = FieldUse.InTokens,
    };

    // Later tables of the same make have them: nothing has to change here when one comes.
    private static readonly string[] s_expected =
    [
        "input_cost_per_token_flex", "output_cost_per_token_flex", "cache_read_input_token_cost_flex",
        "input_cost_per_token_priority", "output_cost_per_token_priority", "cache_read_input_token_cost_priority",
        "cache_creation_input_token_cost_above_1hr", "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
        "input_cost_per_token_above_272k_tokens", "output_cost_per_token_above_272k_tokens", "cache_read_input_token_cost_above_272k_tokens",
    ];

    public static IReadOnlyDictionary<string, FieldUse> All => s_uses;

    public static bool IsPrice(string field) => field.Contains("cost", StringComparison.Ordinal);

    /// <exception cref="InvalidDataException">Nobody has said what is to become of it.</exception>
    public static FieldUse UseOf(string model, string field)
        => s_uses.TryGetValue(field, out FieldUse use) ? use
            : s_expected.Contains(field) ? FieldUse.Priced
            : throw new InvalidDataException($"{model} has the price {field}, which the builder of the price table does not know: say in {nameof(OlderFields)} what is to become of it.");
}

internal enum FieldUse
{
    /// <summary>It is in the shipped table.</summary>
    Priced,

    /// <summary>Answers that use it say so, and their cost counts as known in part.</summary>
    MarkedInPart,

    /// <summary>A model that has it is left out of the shipped table, unless it is 0 or no other price than its tokens'.</summary>
    Unknown,

    /// <summary>The usage has it among its tokens, or no dialect here can carry it.</summary>
    InTokens,
}
