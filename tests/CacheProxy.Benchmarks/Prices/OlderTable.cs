using System.Globalization;
using System.Text.Json;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>One object with a property a model, USD per token, a property a class.</summary>
internal static class OlderTable
{
    private static readonly Dictionary<string, string> s_providers = new()
    {
        ["openai"] = "openai",
        ["text-completion-openai"] = "openai",
        ["azure"] = "azure",
        ["azure_text"] = "azure",
        ["anthropic"] = "anthropic",
        ["gemini"] = "google",
        ["deepseek"] = "deepseek",
        ["mistral"] = "mistral",
        ["xai"] = "xai",
        ["cohere"] = "cohere",
        ["cohere_chat"] = "cohere",
        ["moonshot"] = "moonshot",
        ["dashscope"] = "qwen",
        ["voyage"] = "voyage",
    };

    private static readonly int[] s_longPrompts = [272, 200, 128];

    private static readonly string[] s_modes = ["chat", "completion", "responses", "embedding"];

    public static Dictionary<(string, string), PriceRow> Read(string path)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
        var rows = new Dictionary<(string, string), PriceRow>();
        foreach (JsonProperty model in file.RootElement.EnumerateObject())
        {
            foreach (JsonProperty field in model.Value.EnumerateObject().Where(field => OlderFields.IsPrice(field.Name)))
            {
                // Also of models that are not shipped: the next table may have it in one that is.
                OlderFields.UseOf(model.Name, field.Name);
            }

            if (TryRead(model) is { } row)
            {
                rows.TryAdd((row.Provider, PriceTableBuilder.Normal(row.Model)), row);
            }
        }

        return rows;
    }

    private static PriceRow? TryRead(JsonProperty model)
    {
        JsonElement fields = model.Value;
        string mode = fields.TryGetProperty("mode", out JsonElement said) ? said.GetString() ?? "" : "";
        if (!s_providers.TryGetValue(fields.GetProperty("litellm_provider").GetString() ?? "", out string? provider) || !s_modes.Contains(mode))
        {
            return null;
        }

        string name = model.Name[(model.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        TokenRates? rates = Rates(fields, "");
        // Regions with prices of their own, sizes of images, and what cost nothing while it was tried out.
        bool isOther = name.Contains('/', StringComparison.Ordinal) || name.Contains("image", StringComparison.Ordinal) || name.StartsWith("1024", StringComparison.Ordinal)
            || rates is null || (rates.Output == 0 && mode != "embedding") || rates.UnitFault("") is not null || HasUnknown(model.Name, fields, rates);
        return isOther ? null : ProviderRules.Complete(Row(provider, name, fields, rates!));
    }

    private static bool HasUnknown(string model, JsonElement fields, TokenRates rates)
    {
        bool isUnknown = false;
        foreach (JsonProperty field in fields.EnumerateObject().Where(field => OlderFields.IsPrice(field.Name)))
        {
            // Thoughts that cost what other output does are output.
            isUnknown |= OlderFields.UseOf(model, field.Name) == FieldUse.Unknown && Price(fields, field.Name) is { } price and not 0
                && !(field.Name == "output_cost_per_reasoning_token" && price == rates.Output);
        }

        return isUnknown;
    }

    private static PriceRow Row(string provider, string name, JsonElement fields, TokenRates rates)
    {
        int above = s_longPrompts.FirstOrDefault(thousands => Rates(fields, $"_above_{thousands}k_tokens") is not null);
        return new PriceRow
        {
            Provider = provider,
            Model = name,
            Input = rates.Input,
            Output = rates.Output,
            CachedInput = rates.CachedInput,
            CacheWrite = rates.CacheWrite,
            CacheWriteHour = rates.CacheWriteHour,
            AboveTokens = above == 0 ? null : above * 1000,
            Above = above == 0 ? null : Rates(fields, $"_above_{above}k_tokens"),
            Batch = Rates(fields, "_batches"),
            Flex = Rates(fields, "_flex"),
            Priority = Rates(fields, "_priority"),
            Search = Search(fields),
            Source = "litellm",
        };
    }

    // Null: the table has no such tariff of the model, or it was free while it was tried out.
    private static TokenRates? Rates(JsonElement fields, string suffix) => Price(fields, "input_cost_per_token" + suffix) is { } input and > 0 ? new TokenRates
    {
        Input = input,
        Output = Price(fields, "output_cost_per_token" + suffix) ?? Price(fields, "output_cost_per_token") ?? 0,
        CachedInput = Paid(fields, "cache_read_input_token_cost" + suffix) ?? Paid(fields, "input_cost_per_token_cache_hit" + suffix),
        CacheWrite = Paid(fields, "cache_creation_input_token_cost" + suffix),
        CacheWriteHour = Paid(fields, "cache_creation_input_token_cost_above_1hr" + suffix),
    } : null;

    // By how much a search brings; an answer does not say that.
    private static decimal? Search(JsonElement fields)
        => fields.TryGetProperty("search_context_cost_per_query", out JsonElement sizes)
            && sizes.EnumerateObject().Select(size => size.Value.GetDecimal()).Distinct().ToArray() is [var one] ? one * 1000 : null;

    private static decimal? Paid(JsonElement fields, string name) => Price(fields, name) is { } price and > 0 ? price : null;

    // Tables that were calculated in floating point have 7.500000000000001e-08 in them.
    private static decimal? Price(JsonElement fields, string name)
        => fields.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? decimal.Parse(Math.Round((decimal)value.GetDouble() * 1_000_000m, 6).ToString("0.######", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : null;
}
